import { describe, expect, it } from 'vitest';
import { nowMs, readInbound, verifyInbound } from '../gateways.ts';
import type { InboundRequest } from '../../../../server/gateway/request-view.ts';
import { onePerScheme, signedSamples, type SignedSample } from './signed-samples.ts';

/* Whoever has seen a genuine form may send it again with more fields. None of them may change what the event says. */

const forms = onePerScheme(
  (await signedSamples()).filter(({ request }) =>
    String(request.headers['content-type']).includes('x-www-form-urlencoded'),
  ),
);

it('is tried with the presets that read forms', () => {
  expect(forms.map(({ preset }) => preset.name)).toEqual(
    expect.arrayContaining([
      'braintree',
      'duitku',
      'duitku_md5',
      'flip',
      'github',
      'ipaymu',
      'mollie_classic',
      'payu_in',
    ]),
  );
});

/** Every field that the preset reads, whether the sample has it or not. */
const fields = forms.flatMap((sample) => [...(sample.preset.body.single ?? [])].map((name) => [sample, name] as const));
const titled = fields.map(([sample, name]) => [`${sample.title} ${name}`, sample, name] as const);

/** The events of a request that is accepted; null if it is rejected. */
async function eventsOf({ preset, credentials }: SignedSample, request: InboundRequest) {
  const { ok } = await verifyInbound(preset, request, credentials, nowMs);
  if (!ok) return null;
  const source = { name: preset.name, settings: credentials.settings };
  return readInbound(preset, source, request, new Date(nowMs));
}

const withBody = ({ request }: SignedSample, change: (body: string) => string): InboundRequest => ({
  ...request,
  body: Buffer.from(change(request.body.toString())),
});

describe.each(titled)('a second field of %s', (_title, sample, name) => {
  const evil = `${encodeURIComponent(name)}=9&${encodeURIComponent(name)}=9`;
  const escaped = [...Buffer.from(name)].map((byte) => `%${byte.toString(16)}`).join('');

  it.each([
    ['behind', (body: string) => `${body}&${evil}`],
    ['before', (body: string) => `${evil}&${body}`],
    ['with an escaped name', (body: string) => `${body}&${evil}&${escaped}=9`],
  ])('%s leads to no event', async (_where, change) => {
    const events = (await eventsOf(sample, withBody(sample, change))) ?? [];

    expect(events.filter(({ unreadable }) => unreadable !== `doubled-field: ${name}`)).toEqual([]);
  });

  it.each([`${name}[]=9`, `${name}[0]=9`, `${name}[x]=9`, `%20${name}=9`, `${name}%00=9`, `${name.toUpperCase()}_=9`])(
    'is not taken for %s',
    async (added) => {
      const before = await eventsOf(sample, sample.request);
      const after =
        (await eventsOf(
          sample,
          withBody(sample, (body) => `${body}&${added}`),
        )) ?? before;

      expect(after?.map(withoutData)).toEqual(before?.map(withoutData));
    },
  );
});

/** Without the data, and the id if it is the hash of a body, all of which only who has the password can send. */
function withoutData({ event, unreadable }: ReturnType<typeof readInbound>[number]) {
  const id = /^(?:sha256:)?[0-9a-f]{64}$/.test(event.id) ? 'hash' : event.id;
  return { event: { ...event, id, data: null }, unreadable };
}
