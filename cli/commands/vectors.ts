import { z } from 'zod';
import { KaitError } from '../../errors.ts';
import { type CompiledPreset, loadPresets, type Presets } from '../../server/gateway/presets.ts';
import type { Credentials } from '../../server/gateway/schemes/scheme.ts';
import { createRequestView, type InboundRequest, type RequestView } from '../../server/gateway/request-view.ts';
import { formatMistakes, readJsonText } from '../../language/json-file.ts';
import { packagePath } from '../../package-path.ts';
import { readEvents } from '../../server/gateway/read-events.ts';
import { verifyRequest } from '../../server/gateway/verify.ts';
import { readText } from '../definition-files.ts';

const requestSchema = z.object({
  method: z.string(),
  url: z.string(),
  headers: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
  body: z.string().optional(),
  body_base64: z.base64().optional(),
});

/** One request and its expected verification. Other fields are allowed, as remarks. */
const vectorSchema = z.object({
  id: z.string(),
  preset: z.string(),
  reason: z.string().default(''),
  request: requestSchema,
  secret: z.string().optional(),
  secrets: z.array(z.string()).optional(),
  keyring: z.record(z.string(), z.string()).optional(),
  public_url: z.string().optional(),
  public_path: z.string().optional(),
  public_key: z.string().optional(),
  merchant_id: z.string().optional(),
  merchant_code: z.string().optional(),
  webhook_id: z.string().optional(),
  now: z.number().optional(),
  expect: z.enum(['valid', 'invalid']),
  lenient_ok: z.boolean().default(false),
  stricter_ok: z.boolean().default(false),
  response: z.string().optional(),
});
export type Vector = z.output<typeof vectorSchema>;

/**
 * `kait vectors`: checks presets against a file of signed requests. Writes a line for each vector that fails, then
 * `N passed, N failed`, and `, N skipped` if vectors are for gateways without a preset. Resolves to the exit code: 0 if none failed.
 * Throws KAIT_VECTORS_INVALID if the file is not a list of vectors.
 */
export async function runVectors(
  file: string,
  writeLine: (line: string) => void,
  presetsFolder = packagePath('definitions', 'gateways'),
): Promise<number> {
  const vectors = parseVectors(await readText(file), file);
  const presets = await loadPresets(presetsFolder);
  const misses = await Promise.all(vectors.map((vector) => missOf(vector, presets)));
  vectors.forEach((vector, index) => {
    const miss = misses[index];
    if (typeof miss === 'string') writeLine(`${vector.id}: ${miss} (${vector.reason})`);
  });
  const failed = misses.filter((miss) => typeof miss === 'string').length;
  const skipped = misses.filter((miss) => miss === undefined).length;
  const passed = vectors.length - failed - skipped;
  writeLine(`${passed} passed, ${failed} failed${skipped === 0 ? '' : `, ${skipped} skipped`}`);
  return failed === 0 ? 0 : 1;
}

export function parseVectors(text: string, file: string): Vector[] {
  const { value, mistakes } = readJsonText(z.array(vectorSchema), text, file);
  if (value === null) throw new KaitError('KAIT_VECTORS_INVALID', formatMistakes(mistakes));
  return value;
}

/** Describes how the preset's result differs from the vector. Null if it does not; undefined if there is no such preset. */
export async function missOf(vector: Vector, presets: Presets): Promise<string | null | undefined> {
  const preset = presets.get(vector.preset);
  return preset === undefined ? undefined : differenceOf(vector, preset);
}

async function differenceOf(vector: Vector, preset: CompiledPreset): Promise<string | null> {
  const request = requestOf(vector);
  const credentials = credentialsOf(vector);
  const view = createRequestView(request, preset.body, settingsOf(vector));
  const nowMs = vector.now === undefined ? null : vector.now * 1000;
  const handshake = await preset.handshake(view, credentials, nowMs);
  if (handshake !== null && vector.expect === 'valid') return answerMiss(handshake.body, vector.response ?? '');
  const verification = await verifyRequest(preset, view, credentials, nowMs);
  const result = verification.ok ? 'valid' : 'invalid';
  const eitherIsRight = vector.lenient_ok || vector.stricter_ok;
  if (result !== vector.expect && !eitherIsRight) {
    return `expected ${vector.expect}, got ${verification.ok ? result : `${result}: ${verification.reason}`}`;
  }
  if (!verification.ok) return null;
  if (vector.response !== undefined) return answerMiss(preset.acknowledge(view).body, vector.response);
  return eventMiss(preset, view);
}

function answerMiss(body: string, response: string): string | null {
  return body === response ? null : `expected the answer ${JSON.stringify(response)}, got ${JSON.stringify(body)}`;
}

/** The credentials that the source would have. */
function credentialsOf({ secrets, secret, keyring = {} }: Vector): Credentials {
  return { secrets: secrets ?? (secret === undefined ? [] : [secret]), keyring: new Map(Object.entries(keyring)) };
}

function settingsOf(vector: Vector): Record<string, string> {
  const { public_url, public_path, public_key, merchant_id, merchant_code, webhook_id } = vector;
  const settings = {
    publicUrl: public_url ?? vector.request.url,
    publicPath: public_path,
    publicKey: public_key,
    merchantId: merchant_id,
    merchantCode: merchant_code,
    webhookId: webhook_id,
  };
  return Object.fromEntries(
    Object.entries(settings).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

function requestOf({ request }: Vector): InboundRequest {
  const { method, url, headers, body, body_base64: encoded } = request;
  return {
    method,
    url,
    headers,
    body: encoded === undefined ? Buffer.from(body ?? '') : Buffer.from(encoded, 'base64'),
  };
}

/** The time of receipt does not matter: no vector depends on it. */
function eventMiss(preset: CompiledPreset, view: RequestView): string | null {
  const events = readEvents(preset, preset.name, view, new Date(0));
  if (events.length === 0) return 'expected an event, got none';
  return events.every(({ event }) => event.id !== '' && event.type !== '')
    ? null
    : 'expected each event to have an id and a type';
}
