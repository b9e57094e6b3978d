import { fileURLToPath } from 'node:url';
import { type CompiledPreset, loadPresets, parsePreset, type Presets } from '../../../server/gateway/presets.ts';
import { readEvents, type ReadEvent } from '../../../server/gateway/read-events.ts';
import { createRequestView, type InboundRequest } from '../../../server/gateway/request-view.ts';
import type { Credentials, FetchedKey, Verification } from '../../../server/gateway/schemes/scheme.ts';
import { verifyRequest } from '../../../server/gateway/verify.ts';

export const presetsFolder = fileURLToPath(new URL('../../../definitions/gateways', import.meta.url));
export const samplesFolder = fileURLToPath(new URL('../../../definitions/gateways/samples', import.meta.url));

/** 2026-01-01T00:00:00Z. */
export const nowMs = 1_767_225_600_000;

/** The parts of a source that its events need. */
export interface TestSource {
  name: string;
  settings: Record<string, string>;
}

export const shop: TestSource = { name: 'shop', settings: {} };

/** A source's credentials and settings. */
export interface TestCredentials extends Credentials {
  settings: Record<string, string>;
}

export function secretsOnly(...secrets: string[]): TestCredentials {
  return { secrets, keyring: new Map(), settings: {} };
}

/** A key that was just fetched. */
export function fetchedKey(text: string): FetchedKey {
  return { text, refetched: null, noteVerified: () => undefined };
}

/** `verifyRequest` on a view of its own. */
export function verifyInbound(
  preset: CompiledPreset,
  request: InboundRequest,
  credentials: TestCredentials,
  atMs: number | null,
): Promise<Verification> {
  return verifyRequest(preset, createRequestView(request, preset.body, credentials.settings), credentials, atMs);
}

/** `readEvents` on a view of its own. */
export function readInbound(
  preset: CompiledPreset,
  source: TestSource,
  request: InboundRequest,
  receivedAt: Date,
): ReadEvent[] {
  return readEvents(preset, source.name, createRequestView(request, preset.body, source.settings), receivedAt);
}

const loaded: Promise<Presets>[] = [];

/** Loaded once for all tests of a thread. */
export function shippedPresets(): Promise<Presets> {
  const [presets = loadPresets(presetsFolder)] = loaded;
  loaded[0] = presets;
  return presets;
}

export async function shippedPreset(name: string): Promise<CompiledPreset> {
  return (await shippedPresets()).get(name)!;
}

/** The smallest valid preset. */
export const smallestPreset = {
  title: 'Test gateway',
  setup: { where: 'Settings → Webhooks', steps: ['Paste {url}.'], secret: 'the token' },
  verify: { any: [{ scheme: 'token', from: 'header:x-token' }] },
  event: { id: 'json:/id', unsignedId: 'a test', type: ['json:/type'] },
  sampleSecret: 'sample-secret',
};

/** The smallest preset with the given parts. Nothing vouches for its ids, unless `event` says otherwise. */
export function presetWith(parts: Record<string, unknown>): CompiledPreset {
  const event = { unsignedId: 'a test', ...((parts.event as object | undefined) ?? smallestPreset.event) };
  const { preset, mistakes } = parsePreset('test_gateway.json', JSON.stringify({ ...smallestPreset, ...parts, event }));
  if (preset === null) throw new Error(JSON.stringify(mistakes));
  return preset;
}

export function requestWith(parts: Partial<Omit<InboundRequest, 'body'>> & { body?: string | Buffer }): InboundRequest {
  const { body = '', ...others } = parts;
  return { method: 'POST', url: '/in/test', headers: {}, ...others, body: Buffer.from(body) };
}
