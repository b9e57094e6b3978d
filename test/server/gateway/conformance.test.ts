import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { missOf, parseVectors } from '../../../cli/vectors.ts';
import { loadPresets } from '../../../server/gateway/load-presets.ts';
import { readData, readEvents } from '../../../server/gateway/read-events.ts';
import { verifyRequest } from '../../../server/gateway/verify.ts';
import { nowMs, presetsFolder, schemesOf, signedSamples, type SignedSample } from './gateways.ts';

/** Every preset passes this suite as soon as its file and a sample are there. */

const presets = await loadPresets(presetsFolder);
const samples = await signedSamples();
const vectorsFile = new URL('vectors.json', import.meta.url);
const vectors = parseVectors(readFileSync(vectorsFile, 'utf8'), 'vectors.json');
const goldenFile = new URL('golden-events.json', import.meta.url);
const golden = JSON.parse(readFileSync(goldenFile, 'utf8')) as Record<string, object>;

/** Characters that differ from the given one otherwise than by case: hex digits and base64 first, then one that is neither. */
function otherCharacters(character: string): string[] {
  return ['0', '1', 'a', 'B', '~'].filter((each) => each.toLowerCase() !== character.toLowerCase());
}

/** All texts that differ from `text` in one character, but for letter case. */
function mutationsOf(text: string): string[] {
  return Array.from(text).flatMap((character, index) =>
    otherCharacters(character).map((other) => text.slice(0, index) + other + text.slice(index + 1)),
  );
}

function verdictOf({ preset, request }: SignedSample, secrets = [preset.sampleSecret]) {
  return verifyRequest(preset, request, secrets, nowMs);
}

function withHeader(sample: SignedSample, name: string, value: string | string[]): SignedSample {
  return { ...sample, request: { ...sample.request, headers: { ...sample.request.headers, [name]: value } } };
}

function withBody(sample: SignedSample, body: string | Buffer): SignedSample {
  return { ...sample, request: { ...sample.request, body: Buffer.from(body) } };
}

function acceptedOf(mutants: SignedSample[]): number[] {
  return mutants.flatMap((mutant, index) => (verdictOf(mutant).ok ? [index] : []));
}

describe('every preset', () => {
  it('has vectors and a sample', () => {
    const names = [...presets.keys()];

    expect([...new Set(vectors.map(({ preset }) => preset))].sort()).toEqual(names);
    expect([...new Set(samples.map(({ preset }) => preset.name))]).toEqual(names);
  });

  it.each(vectors.map((vector) => [vector.id, vector] as const))('agrees with the vector %s', (_id, vector) => {
    expect(missOf(vector, presets)).toBeNull();
  });
});

describe('every sample', () => {
  it('has a golden event', async () => {
    const folders = await readdir(`${presetsFolder}/samples`);

    expect(samples.map(({ title }) => title).sort()).toEqual(Object.keys(golden).sort());
    expect(folders.sort()).toEqual([...presets.keys()]);
  });
});

describe.each(samples.map((sample) => [sample.title, sample] as const))('the sample %s', (title, sample) => {
  const { preset, request } = sample;

  it('verifies when it is signed', () => {
    expect(verdictOf(sample)).toEqual({ ok: true });
  });

  it('verifies with either secret during a rotation', () => {
    expect(verdictOf(sample, ['retired-secret', preset.sampleSecret])).toEqual({ ok: true });
    expect(verdictOf(sample, [preset.sampleSecret, 'coming-secret'])).toEqual({ ok: true });
    expect(verdictOf(sample, ['retired-secret', 'coming-secret']).ok).toBe(false);
  });

  it('is refused without a secret, and with an empty one', () => {
    expect(verdictOf(sample, [])).toEqual({ ok: false, reason: 'no-secret' });
    expect(verdictOf(sample, [''])).toEqual({ ok: false, reason: 'no-secret' });
  });

  it('is refused with any secret that differs in one character', () => {
    const accepted = mutationsOf(preset.sampleSecret).filter((secret) => verdictOf(sample, [secret]).ok);

    expect(accepted).toEqual([]);
  });

  it('is refused when a character of a signature header differs', () => {
    const mutants = sample.signatureHeaders.flatMap((name) =>
      mutationsOf(String(request.headers[name])).map((value) => withHeader(sample, name, value)),
    );

    expect(acceptedOf(mutants)).toEqual([]);
  });

  it('is refused when its signature is cut short, lengthened or gone', () => {
    const mutants = sample.signatureHeaders.flatMap((name) => {
      const value = String(request.headers[name]);
      return ['', value.slice(0, -1), `${value}0`, value.slice(0, value.length / 2)].map((text) =>
        withHeader(sample, name, text),
      );
    });

    expect(acceptedOf(mutants)).toEqual([]);
  });

  it('is refused without its signature, wherever that stands', async () => {
    const schemes = await schemesOf(preset.name);
    const names = schemes.map(
      ({ signature }) => /^json:\/(\w+)$/.exec(signature?.from ?? '')?.[1] ?? 'nothing of the body',
    );
    const body = names.reduce((text, name) => text.replace(`"${name}"`, '"renamed"'), request.body.toString('utf8'));
    const verdict = verdictOf({ ...sample, request: { ...request, headers: {}, body: Buffer.from(body) } });

    expect(verdict).toMatchObject({ ok: false, reason: expect.stringMatching(/^missing-/) });
  });

  it('verifies when the signature header is repeated', () => {
    const doubled = sample.signatureHeaders.map((name) => {
      const value = String(request.headers[name]);
      return [withHeader(sample, name, [value, value]), withHeader(sample, name, `${value}, ${value}`)];
    });

    expect(doubled.flat().map((each) => verdictOf(each))).toEqual(doubled.flat().map(() => ({ ok: true })));
  });

  it('is refused when a character that the signature covers differs', async () => {
    const body = request.body.toString('utf8');
    const schemes = await schemesOf(preset.name);
    const spans = schemes.flatMap(({ signed = '', signature }) => coveredSpans(signed, signature?.from ?? '', body));
    const mutants = spans.flatMap(([start, end]) =>
      mutationsOf(body.slice(start, end)).map((text) =>
        withBody(sample, body.slice(0, start) + text + body.slice(end)),
      ),
    );

    expect(spans.length + sample.signatureHeaders.length).toBeGreaterThan(0);
    expect(acceptedOf(mutants)).toEqual([]);
  });

  it('yields its golden event, and the native body without what is redacted', () => {
    const [read, ...others] = readEvents(preset, 'shop', request, new Date('2026-01-02T03:04:05.678Z'));
    const { data, ...envelope } = read!.event;

    expect(others).toEqual([]);
    expect(read).toMatchObject({ unreadable: null, item: 0 });
    expect(envelope).toEqual(golden[title]);
    expect(JSON.stringify(data)).not.toMatch(/client_secret|signature_key|saved_token_id/);
    expect(readData(preset, request.body, 'application/json', 0)).toEqual(data);
  });
});

/** Where a body laid out as `"name": "value"` has what the signature covers, and the signature itself. */
function coveredSpans(signed: string, signature: string, body: string): [start: number, end: number][] {
  const names = [...`${signed}{${signature}}`.matchAll(/\{json:\/(\w+)\}/g)].map(([, name]) => name!);
  const members = names.map((name) => new RegExp(`(?<="${name}": ")[^"]*`).exec(body)!);
  const spans = members.map(({ index, 0: value }): [number, number] => [index, index + value.length]);
  return signed.includes('{body}') ? [[0, body.length], ...spans] : spans;
}
