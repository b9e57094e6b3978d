import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { eventType } from '../../../../language/check/texts.ts';
import type { InboundRequest } from '../../../../server/gateway/request-view.ts';
import { readData } from '../../../../server/gateway/read-events.ts';
import { readInbound, samplesFolder, shippedPresets } from '../gateways.ts';
import { signaturePieces } from './pieces.ts';
import { signedSamples, type SignedSample } from './signed-samples.ts';

const presets = await shippedPresets();
const samples = new Map((await signedSamples()).map((each) => [each.title.replace(/ by its .*/, ''), each]));
/** One file for each sample. Written again by the test runner's option -u. */
const goldenFolder = fileURLToPath(new URL('../golden-events', import.meta.url));
const receivedAt = new Date('2026-01-02T03:04:05.678Z');

describe('every sample', () => {
  it('has golden events', async () => {
    const files = await readdir(goldenFolder, { recursive: true });
    const golden = files.flatMap((file) => /^(.+)\.json$/.exec(file)?.[1] ?? []);

    expect([...samples.keys()].sort()).toEqual(golden.sort());
    expect((await readdir(samplesFolder)).sort()).toEqual([...presets.keys()]);
  });
});

/** A key pair makes another signature on every run, and some presets derive the id from it. */
function withKnownSignature(sample: SignedSample): InboundRequest {
  const [signature] = sample.preset.declared.sampleSecret === null ? signaturePieces(sample) : [];
  return (signature?.with('the signature') ?? sample).request;
}

describe.each([...samples])('the sample %s', (title, sample) => {
  const { preset, credentials } = sample;
  const request = withKnownSignature(sample);
  const events = readInbound(preset, { name: 'shop', settings: credentials.settings }, request, receivedAt);

  it('yields types that definitions can name', () => {
    const types = events.map(({ event }) => event.type);
    expect(types.filter((type) => !eventType.safeParse(type).success)).toEqual([]);
  });

  it('yields its golden events', async () => {
    const envelopes = events.map(({ event }) => ({ ...event, data: undefined }));

    expect(events.map(({ unreadable, item }) => ({ unreadable, item }))).toEqual(
      events.map((_event, item) => ({ unreadable: null, item })),
    );
    await expect(`${JSON.stringify(envelopes, null, 2)}\n`).toMatchFileSnapshot(`${goldenFolder}/${title}.json`);
  });

  it('keeps the native body without the redacted values, as it is read again later', () => {
    const contentType = String(request.headers['content-type']);

    expect(events.map(({ item }) => readData(preset, request.body, contentType)(item))).toEqual(
      events.map(({ event }) => event.data),
    );
  });
});
