import { beforeAll, describe, expect, it } from 'vitest';
import { packagePath } from '../../../package-path.ts';
import { explainVerification } from '../../../server/gateway/explain-verification.ts';
import { type CompiledPreset, readPresets } from '../../../server/gateway/presets.ts';
import { findSample } from '../../../server/gateway/sample-files.ts';
import { signRequest } from '../../../server/gateway/verify.ts';

const nowMs = Date.parse('2026-11-28T12:00:00Z');
const secret = 'whsec_workbench';
let preset: CompiledPreset;
let headers: Record<string, string>;
let body: string;

beforeAll(async () => {
  const { presets } = await readPresets(packagePath('definitions', 'gateways'));
  const found = presets.get('stripe');
  if (found === undefined) throw new Error('There is no preset for Stripe');
  preset = found;
  const sample = await findSample(
    packagePath('definitions', 'gateways', 'samples'),
    'stripe',
    'payment_intent.succeeded',
  );
  const text = JSON.stringify(JSON.parse(sample.body));
  const signed = await signRequest(preset, { ...sample, body: text }, { secret, settings: {} }, nowMs);
  headers = signed.headers;
  body = text;
});

const explain = (changed: {
  body?: string | Buffer;
  secret?: string;
  headers?: object;
  nowMs?: number;
  age?: boolean;
}) =>
  explainVerification(
    preset,
    {
      request: {
        ...{ method: 'POST', url: '/in/stripe', headers: { ...headers, ...changed.headers } },
        body: Buffer.from(changed.body ?? body),
      },
      credentials: { secrets: [changed.secret ?? secret], keyring: new Map() },
      settings: {},
    },
    { checksAge: changed.age ?? true, nowMs: changed.nowMs ?? nowMs },
  );

describe('a copied request', () => {
  it('is genuine as it was sent, and its event is read without its data', async () => {
    const { events, ...rest } = await explain({});
    expect(rest).toEqual({
      ...{ reason: null, remedies: [], secretFaults: [], unreadable: null },
      headers: [{ name: 'stripe-signature', isPresent: true }],
    });
    expect(events).toEqual([expect.objectContaining({ gateway: 'stripe', type: 'payment.succeeded' })]);
    expect(events[0]).not.toHaveProperty('data');
  });

  it.each([
    ['a line break too many', () => ({ body: `${body}\n` }), ['body-without-last-line-break']],
    ['a body that was formatted', () => ({ body: JSON.stringify(JSON.parse(body), null, 2) }), ['body-compact-json']],
    ['blanks around the secret', () => ({ secret: ` ${secret} ` }), ['secret-without-blanks-around']],
    ['quotes around the secret', () => ({ secret: `"${secret}"` }), ['secret-without-quotes']],
    ['a secret without its beginning', () => ({ secret: 'workbench' }), ['secret-with-whsec']],
    [
      'two mistakes at once',
      () => ({ secret: `${secret}\n`, body: `${body}\r\n` }),
      ['body-without-last-line-break', 'secret-without-blanks-around'],
    ],
  ])('with %s is not, and it says what would help', async (_what, changed, remedies) => {
    expect(await explain(changed())).toMatchObject({ reason: 'wrong-signature', remedies });
  });

  it('that is old is right but for its age', async () => {
    expect(await explain({ nowMs: nowMs + 3_600_000 })).toMatchObject({
      ...{ reason: 'stale-timestamp', remedies: ['age-only'] },
    });
    expect(await explain({ nowMs: nowMs + 3_600_000, age: false })).toMatchObject({ reason: null });
  });

  it('without its signature says which header is missing', async () => {
    expect(await explain({ headers: { 'stripe-signature': '' } })).toMatchObject({
      ...{ reason: 'missing-signature', remedies: [], headers: [{ name: 'stripe-signature', isPresent: false }] },
    });
  });

  it('with another secret finds no remedy', async () => {
    expect(await explain({ secret: 'whsec_other' })).toMatchObject({ reason: 'wrong-signature', remedies: [] });
  });

  it('names what looks wrong with a secret, and nothing of the secret', async () => {
    const { secretFaults } = await explain({ secret: 'whsec_other\u200b' });
    expect(secretFaults).toEqual([
      { secret: 0, fault: 'has an invisible character, which copying from a web page brings along' },
    ]);
  });

  it.each([['no JSON'], [''], ['\u0000'], ['[]'], ['{"__proto__": {"id": "evt"}}'], [Buffer.from([0xff, 0xfe])]])(
    'whose body is %j is no reason to fail',
    async (given) => {
      expect(await explain({ body: given })).toMatchObject({ reason: 'wrong-signature', remedies: [] });
    },
  );
});
