import { KaitError } from '../errors.ts';
import type { CanonicalEvent } from '../language/event.ts';
import { layersOf } from '../definition-layers.ts';
import { loadPresets, type CompiledPreset } from '../server/gateway/presets.ts';
import { eventOfSample } from '../server/gateway/sample-events.ts';
import { listSamples } from '../server/gateway/sample-files.ts';
import type { SigningKey } from '../server/gateway/schemes/scheme.ts';
import { sourcePath, type Source } from '../server/gateway/sources.ts';

/** The path at which the receiver takes the source's webhooks. */
export function pathOf({ name, pathSecrets }: Source): string {
  const [secret] = pathSecrets ?? [];
  return sourcePath(name, secret === undefined ? undefined : encodeURIComponent(secret));
}

export const samplesFoldersOf = (definitions: string) => layersOf(definitions, 'gateways', 'samples');

/**
 * The event of a gateway's sample, such as `stripe/payment_intent.succeeded`, as the receiver would store it. The source has the
 * gateway's name. `definitions` is the folder with presets and samples. Throws KAIT_USAGE for an unknown gateway and
 * KAIT_SAMPLE_UNKNOWN for an unknown sample.
 */
export async function sampleEvent(name: string, definitions: string, receivedAt: string): Promise<CanonicalEvent> {
  const [gateway = '', ...rest] = name.split('/');
  const presets = await loadPresets(layersOf(definitions, 'gateways'));
  const preset = presets.get(gateway);
  if (preset === undefined || rest.length === 0) {
    const gateways = [...presets.keys()].join(', ');
    throw new KaitError('KAIT_USAGE', `Expected --sample <gateway>/<sample>, got ${name}. Gateways: ${gateways}.`);
  }
  const event = await eventOfSample(preset, rest.join('/'), samplesFoldersOf(definitions), receivedAt);
  if (event === undefined) throw new KaitError('KAIT_SAMPLE_UNKNOWN', `The sample ${name} holds no event.`);
  return event;
}

/**
 * The sample with which to try a gateway: one of a payment, or else the first. Undefined if the gateway has none that holds an event.
 */
export async function sampleToTry(
  preset: CompiledPreset,
  folders: readonly string[],
  receivedAt: string,
): Promise<{ name: string; type: string } | undefined> {
  const samples: { name: string; type: string }[] = [];
  for (const name of await listSamples(folders, preset.name)) {
    const event = await eventOfSample(preset, name, folders, receivedAt);
    if (event !== undefined) samples.push({ name, type: event.type });
  }
  const paid = samples.filter(({ type }) => type === 'payment.succeeded');
  const name = likelyPaid(paid.map((sample) => sample.name));
  return paid.find((sample) => sample.name === name) ?? samples[0];
}

/** The name that sounds most like a payment that has succeeded; if none does, the first. */
function likelyPaid(names: readonly string[]): string | undefined {
  const patterns = [/^payment.*(?:succeed|paid|settle)/i, /succeed|settlement|paid/i];
  return patterns.map((pattern) => names.find((name) => pattern.test(name))).find(Boolean) ?? names[0];
}

/** The key that the gateway would sign with. Throws KAIT_SAMPLE_UNSIGNABLE if the source holds only a verification key. */
export function signingKeyOf(source: Source): SigningKey {
  const { name, preset, credentials, settings } = source;
  if (canSign(source)) {
    const [secret = ''] =
      preset.needs === 'path-secret' ? [] : [...credentials.secrets, ...credentials.keyring.values()];
    return { secret, settings };
  }
  const { title, setup } = preset.declared;
  const message = `Only ${title} can sign webhooks for "${name}": Kait holds the key that verifies, not the key that signs. Send a test from the gateway instead: ${setup.where}.`;
  throw new KaitError('KAIT_SAMPLE_UNSIGNABLE', message);
}

/**
 * What to give `kait send`, for the first source whose webhooks it can sign: `midtrans card.settlement`. Undefined if there is none. `definitions` is
 * the folder with samples.
 */
export async function webhookToTry(sources: readonly Source[], definitions: string): Promise<string | undefined> {
  for (const source of sources.filter((each) => canSign(each) && !isNotice(each.preset))) {
    const name = likelyPaid(await listSamples(samplesFoldersOf(definitions), source.preset.name));
    if (name !== undefined) return `${source.name} ${name}`;
  }
  return undefined;
}

/** Whether its webhooks only say where to ask, so that a made-up one leads to nothing. */
function isNotice({ declared: { fetch } }: CompiledPreset): boolean {
  return fetch !== undefined && fetch.into === undefined;
}

/** Whether its webhooks can be made here: Kait holds what signs, and not only what verifies. */
export function canSign({ preset, credentials: { secrets, keyring } }: Source): boolean {
  return preset.needs === 'path-secret' || (preset.declared.sampleSecret !== null && secrets.length + keyring.size > 0);
}

/** Copies a JSON document with `value` at a path of keys and array positions. Missing objects on the way are created. */
export function assignAt(document: unknown, [key, ...rest]: string[], value: unknown): unknown {
  if (key === undefined) return value;
  if (Array.isArray(document)) {
    const items = document as unknown[];
    const position = Number(key);
    if (!Number.isInteger(position) || position < 0 || position > items.length) return document;
    return [...items.slice(0, position), assignAt(items[position], rest, value), ...items.slice(position + 1)];
  }
  const members = typeof document === 'object' && document !== null ? Object.entries(document) : [];
  const present = new Map<string, unknown>(members);
  present.set(key, assignAt(present.get(key), rest, value));
  return Object.fromEntries(present); // Creates own members, even for a key such as __proto__.
}
