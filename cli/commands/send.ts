import { join } from 'node:path';
import pc from 'picocolors';
import { z } from 'zod';
import { lookupSecret, type Config } from '../../config.ts';
import { isIgnoredTest, readWebhook } from '../../server/gateway/ask/read-webhook.ts';
import type { CanonicalEvent } from '../../language/event.ts';
import type { OutboundDraft } from '../../server/gateway/outbound-draft.ts';
import type { Presets } from '../../server/gateway/presets.ts';
import { createRequestView } from '../../server/gateway/request-view.ts';
import { findSample } from '../../server/gateway/sample-files.ts';
import type { Source } from '../../server/gateway/sources.ts';
import { signRequest } from '../../server/gateway/verify.ts';
import type { SourceRegistry } from '../../server/source-registry.ts';
import { answerOf, type ApiClient, findApi } from '../api-client.ts';
import type { Pair } from '../option-parsers.ts';
import { assignAt, pathOf, samplesFoldersOf, signingKeyOf } from '../samples.ts';
import { openDevelopmentSecrets } from '../compose/development-secrets.ts';
import { mountGateways } from '../compose/mount-gateways.ts';
import { unknownSource } from '../sources/described-source.ts';

/** `kait send`: posts a signed sample to the running Kait. Resolves to the exit code: 0 if it was accepted. */
export async function runSend(config: Config, sample: SampleRequest, print: (text: string) => void): Promise<number> {
  const api = await apiOf(config);
  const receiverUrl = await receiverUrlFrom(api);
  const secrets = await openDevelopmentSecrets(config.home, lookupSecret);
  const gateways = await mountGateways(config, secrets.lookups);
  const samplesFolders = samplesFoldersOf(config.definitions);
  const sent = await sendSample({ ...gateways, samplesFolders, receiverUrl, nowMs: Date.now() }, sample);
  const { status, body } = sent;
  print(`POST ${receiverUrl}/in/${sample.source} → ${status}${body === '' ? '' : ` ${body}`}`);
  if (status < 300 && sent.isIgnoredTest) print(testEventNote(sample.source, config));
  if (status < 300) for (const eventId of sent.eventIds) await printRepeat(api, sample.source, eventId, print);
  return status < 300 ? 0 : 1;
}

function testEventNote(source: string, { definitions }: Config): string {
  const file = join(definitions, 'sources.json');
  return `${pc.yellow('!')} It is a test event, and "${source}" ignores those: it is stored, and starts nothing. To let test events start runs, give the source "test": true in ${file}.`;
}

/** Samples keep their ids, so that a second one tells what the first has told. */
async function printRepeat(
  api: ApiClient,
  source: string,
  eventId: string,
  print: (text: string) => void,
): Promise<void> {
  // A notice is stored under an id of its own.
  const params = { path: { source, event: eventId } };
  const stored = await answerOf(api.GET('/events/{source}/{event}', { params })).catch(() => null);
  if (stored === null || stored.duplicates === 0) return;
  print(
    `${pc.yellow('!')} ${source}/${eventId} was stored before, so no further run starts. To send another event, change its id with --set.`,
  );
}

/** The running Kait's receiver URL on this machine. Throws KAIT_NOT_RUNNING. */
export async function receiverUrlOf(config: Config): Promise<string> {
  return receiverUrlFrom(await apiOf(config));
}

async function apiOf(config: Config): Promise<ApiClient> {
  const { url, token } = config.admin;
  return findApi(config.home, url === null || token === null ? null : { url, token });
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

function eventsIn(source: Source, { headers, body }: OutboundDraft, nowMs: number): CanonicalEvent[] {
  const request = { method: 'POST', url: '/', headers, body };
  const view = createRequestView(request, source.preset.body, source.settings);
  return readWebhook({ ...source, completes: false }, view, new Date(nowMs)).map(({ event }) => event);
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
