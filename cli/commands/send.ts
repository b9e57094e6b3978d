import { join } from 'node:path';
import pc from 'picocolors';
import { z } from 'zod';
import { lookupSecret, type Config } from '../../config.ts';
import { errorText } from '../../describe-error.ts';
import { KaitError } from '../../errors.ts';
import { cutText } from '../../language/well-formed.ts';
import { isIgnoredTest, isNotice, readWebhook } from '../../server/gateway/ask/read-webhook.ts';
import type { CanonicalEvent } from '../../language/event.ts';
import type { OutboundDraft } from '../../server/gateway/outbound-draft.ts';
import type { Presets } from '../../server/gateway/presets.ts';
import type { ReadEvent } from '../../server/gateway/read-events.ts';
import type { SigningKey } from '../../server/gateway/schemes/scheme.ts';
import { createRequestView } from '../../server/gateway/request-view.ts';
import { findSample } from '../../server/gateway/sample-files.ts';
import type { Source } from '../../server/gateway/sources.ts';
import { signRequest } from '../../server/gateway/verify.ts';
import type { SourceRegistry } from '../../server/source-registry.ts';
import { answerOf, type ApiClient, ApiRefusal, findApi } from '../api-client.ts';
import type { Pair } from '../option-parsers.ts';
import { ownCommand } from '../own-command.ts';
import { assignAt, pathOf, samplesFoldersOf, signingKeyOf } from '../samples.ts';
import { openDevelopmentSecrets } from '../compose/development-secrets.ts';
import { mountGateways } from '../compose/mount-gateways.ts';
import { unknownSource } from '../sources/described-source.ts';

/** What `kait send` is to send. */
export interface SendOptions {
  /** Changes of a sample. */
  set: Pair[];
  header: Pair[];
  source?: string;
  /** A file with a body; - for the standard input. */
  file?: string;
  /** `<source>/<event-id>` of a stored event. */
  replay?: string;
  /** The webhook's URL at another Kait. */
  to?: string;
  /** The variable with the secret of the other Kait. */
  secretEnv?: string;
  yes?: boolean;
  force?: boolean;
}

export interface SendDeps {
  print: (text: string) => void;
  /** Asks a question that is answered with yes or no. Null: nobody is there to ask. */
  confirm: ((question: string) => Promise<boolean>) | null;
  /** Reads a file, or the standard input for -. */
  read: (file: string) => Promise<Buffer>;
}

/**
 * `kait send`: signs a webhook as its gateway would and posts it: a sample, a body of a file, or the body of a stored event. Resolves to the exit
 * code: 0 if it was accepted.
 */
export async function runSend(
  config: Config,
  { source, type, options }: { source: string | undefined; type: string | undefined; options: SendOptions },
  deps: SendDeps,
): Promise<number> {
  const { file, replay } = options;
  if (replay !== undefined) {
    forbid({ ...options, type, source }, ['type', 'source', 'file', 'set', 'header'], 'With --replay');
    return sendAgain(config, replay, options, deps);
  }
  if (file !== undefined) {
    forbid({ ...options, type }, ['type', 'set'], 'With --file');
    const name = source ?? options.source;
    if (name === undefined) throw usage('Name the source whose gateway signs the body: --source stripe.');
    return sendFile(config, name, { ...options, file }, deps);
  }
  forbid(options, ['to', 'secretEnv', 'header', 'source', 'force'], 'Without --file or --replay');
  if (source === undefined || type === undefined) {
    throw usage(
      'Expected a source and one of its samples, --file <file> --source <source>, or --replay <source>/<event-id>.',
    );
  }
  return runSendSample(config, { source, type, changes: options.set }, deps.print);
}

const optionNames: Record<string, string> = {
  ...{ type: 'a sample', source: '--source', file: '--file', set: '--set', header: '--header', to: '--to' },
  ...{ secretEnv: '--secret-env', force: '--force' },
};

function forbid(given: object, names: readonly string[], when: string): void {
  const isGiven = (value: unknown) =>
    Array.isArray(value) ? value.length > 0 : value !== undefined && value !== false;
  const wrong = Object.entries(given).find(([name, value]) => names.includes(name) && isGiven(value));
  if (wrong !== undefined) throw usage(`${when}, ${optionNames[wrong[0]] ?? wrong[0]} has no meaning.`);
}

function usage(message: string): KaitError {
  return new KaitError('KAIT_USAGE', message);
}

async function runSendSample(config: Config, sample: SampleRequest, print: (text: string) => void): Promise<number> {
  const api = await apiOf(config);
  const receiverUrl = await receiverUrlFrom(api);
  const gateways = await openGateways(config);
  const samplesFolders = samplesFoldersOf(config.definitions);
  const sent = await sendSample({ ...gateways, samplesFolders, receiverUrl, nowMs: Date.now() }, sample);
  print(`POST ${receiverUrl}/in/${sample.source} → ${sent.status}${sent.body === '' ? '' : ` ${sent.body}`}`);
  if (sent.status >= 300) return 1;
  if (sent.isIgnoredTest) print(testEventNote(sample.source, config));
  await printRepeats(api, sample.source, sent, {
    print,
    remedy: ' To send another event, change its id with --set.',
  });
  return 0;
}

async function openGateways(config: Config) {
  const secrets = await openDevelopmentSecrets(config.home, lookupSecret);
  return mountGateways(config, secrets.lookups);
}

async function findSource(config: Config, name: string): Promise<Source> {
  const { sources } = await openGateways(config);
  const source = sources.find(name);
  if (source === undefined) throw unknownSource(name, namesOf(sources));
  return source;
}

async function sendFile(
  config: Config,
  name: string,
  options: SendOptions & { file: string },
  deps: SendDeps,
): Promise<number> {
  const source = await findSource(config, name);
  const body = await deps.read(options.file);
  const headers = {
    'content-type': looksLikeForm(body) ? formType : 'application/json',
    ...Object.fromEntries(options.header),
  };
  return sendBody(config, source, { headers, body }, options, deps);
}

const formType = 'application/x-www-form-urlencoded';

function looksLikeForm(body: Buffer): boolean {
  return /^[\w.[\]%-]+=/.test(body.subarray(0, 200).toString('latin1'));
}

async function sendAgain(config: Config, replay: string, options: SendOptions, deps: SendDeps): Promise<number> {
  const at = replay.indexOf('/');
  const [name, eventId] = [replay.slice(0, at), replay.slice(at + 1)];
  if (at <= 0 || eventId === '') throw usage('Expected --replay <source>/<event-id>, as kait events shows them.');
  const source = await findSource(config, name);
  const api = await apiOf(config);
  const params = { path: { source: name, event: eventId } };
  const { contentType, headers, body } = await answerOf(api.GET('/events/{source}/{event}/body', { params }));
  const request = { headers: { ...headers, 'content-type': contentType }, body: Buffer.from(body, 'base64') };
  return sendBody(config, source, request, { ...options, eventId }, deps);
}

interface BodyRequest {
  headers: Record<string, string>;
  body: Buffer;
}

async function sendBody(
  config: Config,
  source: Source,
  request: BodyRequest,
  options: SendOptions & { eventId?: string },
  { print, confirm }: SendDeps,
): Promise<number> {
  const nowMs = Date.now();
  const { to } = options;
  const api = to === undefined ? await apiOf(config) : null;
  const url = api === null ? (to ?? '') : `${await receiverUrlFrom(api)}${pathOf(source)}`;
  const target = new URL(url);
  const signed = await signRequest(
    source.preset,
    { ...request, url: `${target.pathname}${target.search}` },
    options.secretEnv === undefined ? signingKeyOf(source) : otherKey(source, options.secretEnv),
    nowMs,
  );
  const read = readIn(source, signed, nowMs);
  const problem = problemWith(read, options.eventId, source);
  if (problem !== null && options.force !== true) throw new KaitError('KAIT_BODY_UNREADABLE', problem);
  const told = read.map(({ event }) => `${event.type} (${event.id})`).join(', ') || 'nothing that can be read';
  // What is stored here already starts nothing.
  const isHarmless = api !== null && options.eventId !== undefined;
  if (!isHarmless)
    await requireYes(`${source.preset.declared.title}: ${told}`, shownUrl(url, source.name), {
      confirm,
      yes: options.yes === true,
    });
  const response = await post(url, signed);
  const answer = await response.text();
  print(`POST ${shownUrl(url, source.name)} → ${response.status}${answer === '' ? '' : ` ${cutText(answer, 500)}`}`);
  if (response.status >= 300) {
    print(`It is not accepted there. To see why, ask that Kait: ${ownCommand(`rejections --source ${source.name}`)}`);
    return 1;
  }
  print(`${pc.green('✔')} ${told}`);
  if (api === null) {
    print('The answer does not say whether it was a duplicate; "kait events show" of that Kait does.');
    return 0;
  }
  const events = read.map(({ event }) => event);
  const isIgnored = events.some((event) => isIgnoredTest(event, source));
  if (isIgnored) print(testEventNote(source.name, config));
  if (isNoticeOnly(source)) print('It is a notice: Kait asks the gateway now, and stores what it answers.');
  await printRepeats(api, source.name, { eventIds: events.map(({ id }) => id) }, { print, remedy: '' });
  return 0;
}

/** The gateway of this source, with another secret. */
function otherKey({ settings }: Source, variable: string): SigningKey {
  const secret = lookupSecret(variable);
  if (secret === undefined) throw usage(`${variable} is not set.`);
  return { secret, settings };
}

/** Null if the preset reads what is meant to be sent. */
function problemWith(read: readonly ReadEvent[], eventId: string | undefined, { preset, name }: Source): string | null {
  const title = preset.declared.title;
  const [first] = read;
  if (first === undefined) return `The preset of ${title} finds no event in this body. Use --force to sign it anyway.`;
  const broken = read.find(({ unreadable }) => unreadable !== null);
  if (broken !== undefined) {
    return `The preset of ${title} cannot read this body as an event of "${name}": ${broken.unreadable}. Use --force to sign it anyway.`;
  }
  // The id of a notice of a gateway that signs nothing is new each time.
  if (
    eventId === undefined ||
    isNotice(first.event) ||
    read.some(({ event }) => event.id === eventId.replace(/^notice:/, ''))
  )
    return null;
  return `Read now, the body is ${first.event.id}, not ${eventId}: the preset was changed, or a header that it reads was not kept ("keepHeaders"). Use --force to send it anyway.`;
}

function isNoticeOnly({ preset }: Source): boolean {
  const { fetch } = preset.declared;
  return fetch !== undefined && fetch.into === undefined;
}

async function requireYes(
  what: string,
  url: string,
  { confirm, yes }: { confirm: SendDeps['confirm']; yes: boolean },
): Promise<void> {
  if (yes) return;
  const meaning = `It is signed as the gateway signs, so the Kait at ${url} takes it for genuine and starts runs for it: ${what}.`;
  if (confirm === null) throw usage(`${meaning} Add --yes to send it.`);
  if (!(await confirm(`${meaning} Send it?`))) throw usage('Nothing was sent.');
}

async function post(url: string, { headers, body }: OutboundDraft): Promise<Response> {
  try {
    return await fetch(url, {
      method: 'POST',
      headers,
      body: new Uint8Array(body),
      redirect: 'manual',
      signal: AbortSignal.timeout(15_000),
    });
  } catch (error) {
    const { cause = error } = error instanceof Error ? error : {};
    throw new KaitError('KAIT_NOT_RUNNING', `Nothing answers at ${new URL(url).origin}: ${errorText(cause)}.`, {
      cause: error,
    });
  }
}

/** Without the secret that may be the last part. */
function shownUrl(url: string, source: string): string {
  return url.replace(new RegExp(`(/in/${source}/)[^/?]+`), '$1…');
}

function testEventNote(source: string, { definitions }: Config): string {
  const file = join(definitions, 'sources.json');
  return `${pc.yellow('!')} It is a test event, and "${source}" ignores those: it is stored, and starts nothing. To let test events start runs, give the source "test": true in ${file}.`;
}

/** Whatever is sent twice keeps its id, and the second tells what the first has told. */
async function printRepeats(
  api: ApiClient,
  source: string,
  { eventIds }: { eventIds: readonly string[] },
  { print, remedy }: { print: (text: string) => void; remedy: string },
): Promise<void> {
  for (const eventId of eventIds) {
    // A genuine event that waits for an answer of its gateway is stored as its notice first.
    const counts = await Promise.all([eventId, `notice:${eventId}`].map((id) => duplicatesOf(api, source, id)));
    if (counts.every((count) => count === 0)) continue;
    print(`${pc.yellow('!')} ${source}/${eventId} was stored before, so no further run starts.${remedy}`);
  }
}

async function duplicatesOf(api: ApiClient, source: string, event: string): Promise<number> {
  const params = { path: { source, event }, query: {} };
  try {
    return (await answerOf(api.GET('/events/{source}/{event}', { params }))).duplicates;
  } catch (error) {
    if (error instanceof ApiRefusal && error.status === 404) return 0;
    throw error;
  }
}

/** The running Kait's receiver URL on this machine. Throws KAIT_NOT_RUNNING. */
export async function receiverUrlOf(config: Config): Promise<string> {
  return receiverUrlFrom(await apiOf(config));
}

/** The running Kait. Throws KAIT_NOT_RUNNING. */
export async function apiOf(config: Config, timeoutMs?: number): Promise<ApiClient> {
  const { url, token } = config.admin;
  return findApi(config.home, url === null || token === null ? null : { url, token }, { timeoutMs });
}

async function receiverUrlFrom(api: ApiClient): Promise<string> {
  return z.object({ receiver: z.string() }).parse(await answerOf(api.GET('/status'))).receiver;
}

/** Which sample to send to which source, with which changes. */
export interface SampleRequest {
  source: string;
  type: string;
  changes: Pair[];
}

/** The receiver's answer to a sample. */
export interface SentSample {
  status: number;
  body: string;
  /** Whether the sample holds a test event that its source ignores. */
  isIgnoredTest: boolean;
  /** The ids of the events that the sample holds. */
  eventIds: string[];
}

/**
 * Signs a sample with the source's secret, as the gateway would, and posts it. `changes` are `path=value` pairs such as
 * `data.object.amount_received=5000`. A value is parsed as JSON if it is JSON, and is a text otherwise.
 */
async function sendSample(
  deps: {
    sources: SourceRegistry;
    presets: Presets;
    samplesFolders: readonly string[];
    receiverUrl: string;
    nowMs: number;
  },
  sample: SampleRequest,
): Promise<SentSample> {
  const source = deps.sources.find(sample.source);
  if (source === undefined) {
    throw unknownSource(sample.source, namesOf(deps.sources));
  }
  const found = await findSample(deps.samplesFolders, source.preset.name, sample.type);
  const body = sample.changes.length === 0 ? found.body : applyChanges(found.body, sample.changes);
  const url = `${pathOf(source)}${found.url}`;
  const signed = await signRequest(source.preset, { ...found, body, url }, signingKeyOf(source), deps.nowMs);
  const response = await fetch(`${deps.receiverUrl}${url}`, {
    method: 'POST',
    headers: signed.headers,
    body: new Uint8Array(signed.body),
    signal: AbortSignal.timeout(15_000),
  });
  const events = eventsIn(source, signed, deps.nowMs);
  return {
    status: response.status,
    body: await response.text(),
    isIgnoredTest: events.some((event) => isIgnoredTest(event, source)),
    eventIds: events.map(({ id }) => id),
  };
}

function eventsIn(source: Source, draft: OutboundDraft, nowMs: number): CanonicalEvent[] {
  return readIn(source, draft, nowMs).map(({ event }) => event);
}

function readIn(source: Source, { headers, body }: OutboundDraft, nowMs: number): ReadEvent[] {
  const request = { method: 'POST', url: '/', headers, body };
  const view = createRequestView(request, source.preset.body, source.settings);
  return readWebhook({ ...source, completes: false }, view, new Date(nowMs));
}

function namesOf(sources: SourceRegistry): string[] {
  return sources.all().map(({ name }) => name);
}

function applyChanges(body: string, changes: Pair[]): string {
  const document = changes.reduce<unknown>(
    (present, [path, value]) => assignAt(present, path.split('.'), jsonOrText(value)),
    JSON.parse(body),
  );
  return JSON.stringify(document, null, 2);
}

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
