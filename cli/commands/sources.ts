import { createInterface } from 'node:readline/promises';
import pc from 'picocolors';
import { lookupSecret, type Config } from '../../config.ts';
import { openDevelopmentSecrets } from '../compose/development-secrets.ts';
import { mountGateways, publicUrlOf } from '../compose/mount-gateways.ts';
import { addSource, type Ask, type NewSource } from '../sources/add-source.ts';
import {
  describeSource,
  effectiveText,
  readSourcesFile,
  type SourcesFile,
  setupText,
  warningLine,
  type DescribedSource,
} from '../sources/described-source.ts';
import { testSource, type SourceTest } from '../sources/test-source.ts';
import { KaitError } from '../../errors.ts';
import { layersOf } from '../../definition-layers.ts';
import { loadPresets } from '../../server/gateway/presets.ts';
import type { Source } from '../../server/gateway/sources.ts';
import { table } from '../terminal.ts';
import { pathOf, samplesFoldersOf } from '../samples.ts';
import { whoAmI } from '../who-am-i.ts';
import { ownCommand } from '../own-command.ts';
import { answerOf } from '../api-client.ts';
import type { components } from '../api-types.ts';
import { recentlyRejecting, recentRejectionsOf } from './rejections.ts';
import { apiOf, receiverUrlOf } from './send.ts';

/** `kait sources`: lists the sources and their URLs. */
export async function listSources(config: Config): Promise<string> {
  const sources = await readSourcesFile(config.definitions);
  const described = [...sources.entries.keys()].map((name) => describe(sources, name, config));
  if (described.length === 0) return `No sources in ${sources.file}. Add one: kait sources add`;
  const rejecting = await rejectingNow(config);
  const shown = table(
    ['source', 'gateway', 'address', 'secrets', 'options'],
    described.map((each) => [each.name, each.preset.title, each.url, secretsCell(each), optionsCell(each)]),
  );
  const faults = described.flatMap(({ name, faults }) =>
    faults.map(({ variable, fault }) => `${pc.yellow('!')} ${name}: ${variable} ${fault}`),
  );
  const rejections = described
    .filter(({ name }) => rejecting.has(name))
    .map(
      ({ name }) =>
        `${pc.yellow('!')} ${name}: requests were rejected in the last hour. To see why: ${ownCommand(`rejections --source ${name}`)}`,
    );
  const warnings = [...rejections, ...faults, ...described.flatMap((each) => each.warnings.map(warningLine))];
  return [shown, ...(warnings.length === 0 ? [] : ['', ...warnings])].join('\n');
}

/** The sources of which the running Kait rejects something. None if no Kait is running. */
async function rejectingNow(config: Config): Promise<Set<string>> {
  try {
    return await recentlyRejecting(await apiOf(config));
  } catch {
    return new Set(); // The list is of the file, and needs no running Kait.
  }
}

/** `kait sources gateways`: lists the gateways that have presets. */
export async function listGateways(config: Config): Promise<string> {
  const presets = await loadPresets(layersOf(config.definitions, 'gateways'));
  return table(
    ['gateway', 'title', 'signed', 'settings'],
    [...presets.values()].map(({ name, declared: preset }) => [
      name,
      preset.title,
      (preset.verify.any ?? preset.verify.all ?? []).map(({ scheme }) => scheme).join(', '),
      Object.keys(preset.settings).join(', ') || null,
    ]),
  );
}

/** `kait sources show`: explains how to set up the gateway for a source. */
export async function showSource(config: Config, name: string): Promise<string> {
  return setupText(describe(await readSourcesFile(config.definitions), name, config));
}

/** `kait sources add`: adds a source to the file and explains what to do next. Asks for what is missing if a terminal is attached. */
export async function runAddSource(config: Config, given: NewSource): Promise<string> {
  const before = await readSourcesFile(config.definitions);
  const terminal = process.stdin.isTTY ? createInterface({ input: process.stdin, output: process.stdout }) : null;
  const ask: Ask | null =
    terminal &&
    (async (question, suggestion) => {
      const shown = suggestion === '' ? '' : ` ${pc.dim(`[${suggestion}]`)}`;
      return (await terminal.question(`${question}${shown}: `)).trim() || suggestion;
    });
  try {
    const name = await addSource(before, given, ask);
    const after = await readSourcesFile(config.definitions);
    return [
      `${pc.green('✔')} Added to ${after.file}; a running Kait picks it up within seconds.`,
      ...(config.receiver.publicUrl === null ? [noPublicUrl] : []),
      '',
      setupText(describe(after, name, config)),
    ].join('\n');
  } finally {
    terminal?.close();
  }
}

const noPublicUrl = `${pc.yellow('!')} KAIT_PUBLIC_URL is not set: the URL below works on this machine only. Gateways need one that they can reach.`;

/** `kait sources test`: sends a test webhook. Resolves to the exit code: 0 if it was accepted. */
export async function runTestSource(
  config: Config,
  name: string,
  options: { sample?: string; url?: string },
  write: (text: string) => void,
): Promise<number> {
  const sources = await readSourcesFile(config.definitions);
  const described = describe(sources, name, config); // Reports a misspelt name before missing secrets.
  const secrets = await openDevelopmentSecrets(config.home, lookupSecret);
  const mounted = await mountGateways(config, config.database.url === null ? secrets.lookups : { lookupSecret });
  const source = mounted.sources.find(name);
  if (source === undefined) throw new Error(`"${name}" is in the file but is not mounted`);
  const result = await testSource(source, {
    samplesFolders: samplesFoldersOf(config.definitions),
    url: options.url ?? (await addressOf(source, sources, config)),
    sample: options.sample,
    nowMs: Date.now(),
  });
  write(outcomeText(result, described));
  const recent = await recentOf(config, name);
  if (recent !== null) write(`\n${recent}`);
  const isAccepted = result.status !== null && result.status < 300;
  return isAccepted && recent === null ? 0 : 1;
}

/** Null if nothing was rejected, or if the running Kait cannot be asked. */
async function recentOf(config: Config, name: string): Promise<string | null> {
  try {
    return await recentRejectionsOf(await apiOf(config), name);
  } catch (error) {
    if (error instanceof KaitError) return null;
    throw error;
  }
}

type Fetched = components['schemas']['FetchedMissing'];

const answerMs = 70_000;

/** `kait sources fetch`: asks the gateway for what has not arrived. Resolves to the exit code: 0 if it is there now. */
export async function fetchMissing(
  config: Config,
  { source, id, ...options }: { source: string; id: string; days: number; reason?: string },
  write: (text: string) => void,
): Promise<number> {
  const api = await apiOf(config, answerMs);
  const body = { id, ...options, by: whoAmI() };
  const { kind, reason, events } = await answerOf(
    api.POST('/sources/{source}/fetch', { params: { path: { source } }, body }),
  );
  write(
    kind === 'found'
      ? events.map((each) => fetchedText(source, each)).join('\n')
      : notFetched(kind, reason, options.days),
  );
  return kind === 'found' ? 0 : 1;
}

function fetchedText(source: string, { eventId, type, stored, state, why, runs }: Fetched['events'][number]): string {
  const head = stored
    ? `${pc.green('✔')} ${source}/${eventId} (${type}) is stored now.`
    : `${pc.yellow('!')} ${source}/${eventId} (${type}) had arrived already; nothing was stored.`;
  const became =
    runs.length > 0
      ? runs.map((run) => `  run ${run}`)
      : [`  It is ${state}${why === null ? '' : `: ${why}`}, and has no run${state === 'pending' ? ' yet' : ''}.`];
  return [head, ...became].join('\n');
}

function notFetched(kind: string, reason: string | null, days: number): string {
  if (kind === 'absent') {
    return `${pc.yellow('!')} The gateway knows of nothing with this id. If it has only a list, the last ${days} days of it were looked through: see --days.`;
  }
  if (kind === 'unaskable') {
    return `${pc.yellow('!')} ${reason ?? ''}. Have the gateway send the webhook again from its dashboard, or copy its body there and send it: ${ownCommand('send --file body.json --source …')}`;
  }
  if (kind === 'unavailable')
    return `${pc.red('✘')} The gateway did not answer, so nobody knows: ${reason ?? ''}. Try again.`;
  return `${pc.red('✘')} The gateway does not take the question: ${reason ?? ''}.`;
}

/** The public URL; if there is none, the URL of the Kait that runs on this machine. */
async function addressOf(source: Source, { entries }: SourcesFile, config: Config): Promise<string> {
  const isPublic = config.receiver.publicUrl !== null || entries.get(source.name)?.publicUrl !== undefined;
  return isPublic ? (source.settings.publicUrl ?? '') : `${await receiverUrlOf(config)}${pathOf(source)}`;
}

function describe(sources: SourcesFile, name: string, config: Config): DescribedSource {
  return describeSource(sources, name, { publicUrl: publicUrlOf(config.receiver), lookupSecret });
}

function secretsCell({ entry, missing, faults }: DescribedSource): string {
  const all = entry.secrets.length + Object.keys(entry.keyring).length;
  const problems = [
    ...(missing.length > 0 ? [`not set: ${missing.join(', ')}`] : []),
    ...(faults.length > 0 ? [`wrong: ${faults.map(({ variable }) => variable).join(', ')}`] : []),
  ];
  return problems.join('; ') || (all === 0 ? 'none needed' : 'set');
}

function optionsCell({ entry, preset, fromEnvironment }: DescribedSource): string | null {
  const isNamed = fromEnvironment.some(({ field }) => field === 'environment');
  const options = [
    ...fromEnvironment.map(effectiveText),
    entry.environment === 'sandbox' && !isNamed ? 'sandbox' : '',
    entry.test ? 'test events' : '',
    entry.confirm ? 'confirm' : '',
    !entry.confirm && preset.confirm?.level === 'required' ? 'unconfirmed' : '',
    entry.reconcile === undefined ? '' : `reconcile every ${entry.reconcile.every}`,
    entry.allowFrom === undefined ? '' : 'allowFrom',
  ];
  return options.filter((option) => option !== '').join(', ') || null;
}

type Described = DescribedSource['preset'];

/** Explains the answer to a test webhook. */
function outcomeText({ url, sample, status, answer }: SourceTest, { name, preset }: DescribedSource): string {
  const shown = `POST ${withoutSecret(url, name)} (${sample}) → ${status ?? 'no answer'}${answer === '' ? '' : ` ${answer}`}`;
  return `${shown}\n${meaningOf(status, name, preset)}`;
}

function meaningOf(status: number | null, name: string, { title, setup: { where } }: Described): string {
  if (status === null)
    return `${pc.red('✘')} Nothing answers at this URL. Check that Kait is running and that the URL leads to it.`;
  if (status < 300)
    return [
      `${pc.green('✔')} The URL leads to a Kait that has this secret: it verified the webhook and stored it. No definition reacts to its type.`,
      `  The webhook was signed here, with the secret of this machine. So this does not say that ${title} has the same secret, or the right URL.`,
      `  Only a webhook of the gateway itself shows that: ${where}.`,
    ].join('\n');
  if (status < 400)
    return `${pc.red('✘')} The URL redirects. Gateways do not follow redirects: give them the final URL.`;
  if (status === 404)
    return `${pc.red('✘')} No source "${name}" at this URL. It leads to another system, or to a Kait with other definitions.`;
  if (status === 429 || status === 503) return `${pc.yellow('!')} Kait is overloaded at the moment. Try again.`;
  return `${pc.red('✘')} Rejected. Check that the running Kait has the same secret. To see why: kait rejections --source ${name}`;
}

/** Hides the last part of a URL, which may be a secret. */
function withoutSecret(url: string, name: string): string {
  return url.replace(new RegExp(`(/in/${name}/)[^/?]+`), '$1…');
}
