import { writeFile } from 'node:fs/promises';
import { parseTree } from 'jsonc-parser';
import { lookupSecret } from '../../config.ts';
import { KaitError } from '../../errors.ts';
import { suggest } from '../../language/closest.ts';
import type { CompiledPreset, Presets } from '../../server/gateway/presets.ts';
import { readSources } from '../../server/gateway/sources.ts';
import type { SourcesFile } from './described-source.ts';

/** What the command line says about a new source. The rest is asked for. */
export interface NewSource {
  name?: string | undefined;
  gateway?: string | undefined;
  /** The names of variables. */
  secrets: string[];
  /** The names of variables by the ids of their keys. */
  keyring?: Record<string, string> | undefined;
  settings: Record<string, string>;
  environment?: 'sandbox' | { env: string; default: 'live' } | undefined;
  /** Whether test events start runs. Undefined: the environment decides. */
  test?: boolean | undefined;
  confirm?: boolean | { env: string; default: true } | undefined;
  /** The name of the variable that holds the key for asking the gateway. */
  apiKey?: string | undefined;
}

/** Asks the user. An empty answer accepts the suggestion. */
export type Ask = (question: string, suggestion: string) => Promise<string>;

/** Adds a source to the file: see {@link withSource}. Resolves to the source's name. */
export async function addSource(sources: SourcesFile, given: NewSource, ask: Ask | null): Promise<string> {
  const { name, text } = await withSource(sources, given, ask);
  await writeFile(sources.file, text);
  return name;
}

/**
 * The text of the sources file with one more source, its comments and layout kept. If `ask` is null, nobody can answer: what is
 * missing gets the suggested value, or throws KAIT_USAGE if there is no suggestion. The text is valid.
 */
export async function withSource(
  sources: SourcesFile,
  given: NewSource,
  ask: Ask | null,
): Promise<{ name: string; text: string; entries: SourcesFile['entries'] }> {
  const gateway = await chooseGateway(sources.presets, given, ask);
  const name = await answer(ask, 'Name, the last part of the URL', given.name ?? freeName(gateway.name, sources));
  if (sources.entries.has(name)) throw new KaitError('KAIT_USAGE', `${sources.file} already has a source "${name}".`);
  const entry = {
    gateway: gateway.name,
    ...(await secretsOf(gateway, name, given, ask)),
    ...(await settingsOf(gateway, given, ask)),
    ...(given.environment === undefined ? {} : { environment: given.environment }),
    ...(given.test === undefined ? {} : { test: given.test }),
    ...(await askingOf(gateway, name, given, ask)),
  };
  const text = insert(sources.text, name, entry);
  const environment = { lookup: lookupSecret, isComplete: false };
  const { presets, file } = sources;
  return { name, text, entries: readSources({ presets, sourcesText: text, file, environment }) };
}

async function chooseGateway(presets: Presets, { gateway }: NewSource, ask: Ask | null): Promise<CompiledPreset> {
  const names = [...presets.keys()];
  const chosen = gateway ?? (await answer(ask, `Gateway (${names.join(', ')})`, ''));
  const found = presets.get(chosen);
  if (found !== undefined) return found;
  const hint = suggest(chosen, names, `The gateways are ${names.join(', ')}.`);
  throw new KaitError('KAIT_USAGE', `Expected a gateway, got "${chosen}". ${hint}`);
}

/** The first free name of `stripe`, `stripe-2`, `stripe-3` and so on. */
function freeName(gateway: string, { entries }: SourcesFile): string {
  const plain = gateway.replaceAll('_', '-');
  const names = [plain, ...Array.from({ length: 98 }, (_, index) => `${plain}-${index + 2}`)];
  return names.find((name) => !entries.has(name)) ?? plain;
}

async function secretsOf(
  { declared: preset, needs }: CompiledPreset,
  name: string,
  { secrets, keyring = {} }: NewSource,
  ask: Ask | null,
): Promise<object> {
  const prefix = variablePrefix(name);
  switch (needs) {
    case 'secrets': {
      const variable =
        secrets[0] ?? (await answer(ask, `Variable for ${preset.setup.secret}`, `${prefix}_WEBHOOK_SECRET`));
      return { secrets: [variable, ...secrets.slice(1)] };
    }
    case 'keyring': {
      if (Object.keys(keyring).length > 0) return { keyring };
      if (ask === null) {
        const message = `${preset.title} gives its keys ids. Name them: --key <id>=${prefix}_KEY.`;
        throw new KaitError('KAIT_USAGE', message);
      }
      const id = await ask(`Id of the key (${preset.setup.secret})`, '');
      return { keyring: { [id]: await ask('Variable for the key', `${prefix}_KEY`) } };
    }
    case 'path-secret':
      return {
        pathSecret: secrets[0] ?? (await answer(ask, 'Variable for a secret in the URL', `${prefix}_PATH_SECRET`)),
      };
    case 'nothing':
      return secrets.length === 0 ? {} : { secrets };
  }
}

/** Whether runs confirm, and the API key for that or for fetching after notices. */
async function askingOf(
  { declared: preset }: CompiledPreset,
  name: string,
  given: NewSource,
  ask: Ask | null,
): Promise<object> {
  const confirm = given.confirm ?? (await wantsConfirm(preset.confirm, ask));
  // What is fetched into an event is optional, and without the key that a source names, its events would wait.
  const isNotice = preset.fetch !== undefined && preset.fetch.into === undefined;
  const needsKey = (confirm !== false || isNotice) && !preset.apiKeyIsSecret;
  const variable = `${variablePrefix(name)}_API_KEY`;
  const apiKey = given.apiKey ?? (needsKey ? await answer(ask, 'Variable for the API key', variable) : undefined);
  // What the preset requires is turned off only in so many words.
  const isSaid = confirm !== false || preset.confirm?.level === 'required';
  return { ...(isSaid ? { confirm } : {}), ...(apiKey === undefined ? {} : { apiKey }) };
}

async function wantsConfirm(confirm: CompiledPreset['declared']['confirm'], ask: Ask | null): Promise<boolean> {
  if (confirm === undefined) return false;
  if (ask === null) return confirm.level === 'required';
  const suggestion = confirm.level === 'required' ? 'yes' : 'no';
  return /^y/i.test(await ask(`${confirm.why} Let each run ask the gateway first?`, suggestion));
}

function variablePrefix(name: string): string {
  return name.toUpperCase().replaceAll('-', '_');
}

async function settingsOf({ declared: preset }: CompiledPreset, given: NewSource, ask: Ask | null): Promise<object> {
  const settings: Record<string, string> = { ...given.settings };
  for (const [name, { about, optional }] of Object.entries(preset.settings)) {
    if (settings[name] !== undefined || optional) continue;
    if (ask === null) throw new KaitError('KAIT_USAGE', `${preset.title} needs --set ${name}=…: ${about}`);
    settings[name] = await ask(about, '');
  }
  return Object.keys(settings).length === 0 ? {} : { settings };
}

function answer(ask: Ask | null, question: string, suggestion: string): Promise<string> | string {
  return ask === null ? suggestion : ask(question, suggestion);
}

/** Inserts the source after the last one, on its own line. The rest of the text stays as it is. */
function insert(text: string, name: string, entry: object): string {
  const last = parseTree(text)?.children?.at(-1);
  const member = `${JSON.stringify(name)}: ${inOneLine(entry)}`;
  if (last === undefined) return `{\n  ${member}\n}\n`;
  const end = last.offset + last.length;
  return `${text.slice(0, end)},\n  ${member}${text.slice(end)}`;
}

function inOneLine(value: unknown): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(inOneLine).join(', ')}]`;
  const members = Object.entries(value).map(([name, member]) => `${JSON.stringify(name)}: ${inOneLine(member)}`);
  return `{ ${members.join(', ')} }`;
}
