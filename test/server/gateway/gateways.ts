import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parse } from 'jsonc-parser';
import type { CompiledPreset } from '../../../server/gateway/compile-preset.ts';
import type { InboundRequest } from '../../../server/gateway/inbound-request.ts';
import { loadPresets, parsePreset } from '../../../server/gateway/load-presets.ts';
import { findSample, listSamples } from '../../../server/gateway/sample-files.ts';
import { signRequest } from '../../../server/gateway/sign-request.ts';

export const presetsFolder = fileURLToPath(new URL('../../../definitions/gateways', import.meta.url));
export const samplesFolder = fileURLToPath(new URL('../../../definitions/gateways/samples', import.meta.url));

/** 2026-01-01T00:00:00Z. */
export const nowMs = 1_767_225_600_000;

export interface SignedSample {
  /** `stripe/charge.refunded`. */
  title: string;
  preset: CompiledPreset;
  /** The sample's text, not signed. */
  text: string;
  request: InboundRequest;
  /** Names of the headers that signing has added. */
  signatureHeaders: string[];
}

/** Every sample of every preset, signed with the preset's own sample secret. */
export async function signedSamples(): Promise<SignedSample[]> {
  const presets = await loadPresets(presetsFolder);
  const lists = await Promise.all(
    [...presets.values()].map(async (preset) => {
      const names = await listSamples(samplesFolder, preset.name);
      return Promise.all(names.map((name) => signedSample(preset, name)));
    }),
  );
  return lists.flat();
}

export async function signedSample(preset: CompiledPreset, name: string): Promise<SignedSample> {
  const sample = await findSample(samplesFolder, preset.name, name);
  const signed = signRequest(preset, sample, preset.sampleSecret, nowMs);
  return {
    title: `${preset.name}/${name}`,
    preset,
    text: sample.body,
    request: { method: 'POST', url: `/in/${preset.name}`, ...signed },
    signatureHeaders: Object.keys(signed.headers).filter((header) => sample.headers[header] === undefined),
  };
}

export async function shippedPreset(name: string): Promise<CompiledPreset> {
  return (await loadPresets(presetsFolder)).get(name)!;
}

/** What the file of a preset says under `verify.any`. */
export async function schemesOf(name: string): Promise<{ signed?: string; signature?: { from: string } }[]> {
  const text = await readFile(`${presetsFolder}/${name}.json`, 'utf8');
  return (parse(text) as { verify: { any: { signed?: string }[] } }).verify.any;
}

/** A preset made of the parts that a test is about. */
export function presetWith(parts: Record<string, unknown>): CompiledPreset {
  const whole = {
    title: 'Test gateway',
    verify: { any: [{ scheme: 'token', from: 'header:x-token' }] },
    event: { id: ['json:/id'], type: ['json:/type'] },
    sampleSecret: 'sample-secret',
    ...parts,
  };
  const { preset, mistakes } = parsePreset('test_gateway.json', JSON.stringify(whole));
  if (preset === null) throw new Error(JSON.stringify(mistakes));
  return preset;
}

export function requestWith(parts: Partial<Omit<InboundRequest, 'body'>> & { body?: string | Buffer }): InboundRequest {
  const { body = '', ...others } = parts;
  return { method: 'POST', url: '/in/test', headers: {}, ...others, body: Buffer.from(body) };
}
