import type { InboundRequest } from '../../server/gateway/request-view.ts';
import { signBytes, type SignedSample } from '../server/gateway/conformance/signed-samples.ts';

/** Requests that are made to cost as much as possible. */
export interface Burdens {
  /** Genuine: as many events as a body holds, 250 in 290 kB. */
  batches: InboundRequest[];
  /** Genuine, but with more events than Kait takes at once. */
  endless: InboundRequest[];
  /** Genuine: a megabyte that JSON writes as six. */
  poison: InboundRequest[];
  /** Bodies for forgeries, each near the most that a receiver takes. */
  bodies: { contentType: string; body: Buffer }[];
}

const batchCount = 12;
const mebibyte = 2 ** 20;

export async function gatherBurdens(samples: readonly SignedSample[]): Promise<Burdens> {
  const batch = sampleOf(samples, 'gocardless');
  const form = sampleOf(samples, 'payu_in').request;
  return {
    batches: await Promise.all(
      Array.from({ length: batchCount }, (_, index) => signBytes(batch, batchOf(batch, 250, `B${index}`))),
    ),
    endless: [await signBytes(batch, batchOf(batch, 1_001, 'E'))],
    // The note is appended after signing, which would encode it. PayU signs only fields that it names.
    poison: [{ ...form, body: Buffer.concat([form.body, Buffer.from('&note='), filled('\x01', 1_000_000)]) }],
    bodies: hostileBodies(),
  };
}

function sampleOf(samples: readonly SignedSample[], gateway: string): SignedSample {
  const sample = samples.find(({ preset }) => preset.name === gateway);
  if (sample === undefined) throw new Error(`${gateway} has no sample`);
  return sample;
}

/** The sample's first event, so many times, each with its own id and a text that makes it 1 kB. */
function batchOf({ sample }: SignedSample, events: number, mark: string): Buffer {
  const document = JSON.parse(sample.body) as { events: { id: string }[] };
  const note = 'n'.repeat(700);
  const batch = Array.from({ length: events }, (_, index) => ({
    ...document.events[0],
    id: `EV${mark}${index}`,
    note,
  }));
  return Buffer.from(JSON.stringify({ ...document, events: batch }));
}

function hostileBodies(): Burdens['bodies'] {
  const [json, form] = ['application/json', 'application/x-www-form-urlencoded'];
  const most = mebibyte - 100;
  return [
    { contentType: json, body: filled('[', most) },
    { contentType: json, body: filled('{"a":', most) },
    { contentType: json, body: Buffer.concat([Buffer.from('["'), filled('\\u00e9', most - 10), Buffer.from('"]')]) },
    { contentType: json, body: Buffer.concat([Buffer.from('[0'), filled(',0', most - 10), Buffer.from(']')]) },
    { contentType: json, body: Buffer.concat([Buffer.from('{"a":0'), filled(',"a":0', most - 10), Buffer.from('}')]) },
    { contentType: `${json}; charset=utf-16`, body: filled('\u3042', most) },
    { contentType: form, body: filled('a&', most) },
    { contentType: form, body: filled('%C3%A9', most) },
    { contentType: form, body: filled('a[b]=c&', most) },
    {
      contentType: 'multipart/form-data; boundary=x',
      body: filled('--x\r\ncontent-disposition: form-data; name=a\r\n\r\nb\r\n', most),
    },
    { contentType: 'application/xml', body: filled('<a b="&amp;">', most) },
  ];
}

function filled(text: string, bytes: number): Buffer {
  return Buffer.alloc(bytes, text);
}
