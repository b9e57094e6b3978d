import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { pino } from 'pino';
import type { Dispatcher } from 'undici';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { PermanentError, TransientError } from '../../../activities/own/activity-errors.ts';
import type { ActivityRequest } from '../../../activities/own/activity-fetch.ts';
import { type ContextOf, defineActivity } from '../../../activities/own/define-activity.ts';
import { type OwnActivityDeps, runOwnActivity } from '../../../activities/own/run-own-activity.ts';
import { createGuardedAgent } from '../../../http/guarded-agent.ts';
import { resolveBySystem } from '../../../http/resolve.ts';
import { parseNetworks } from '../../../http/networks.ts';
import { readSecretBindings } from '../../../language/check/secrets-file.ts';
import type { Database } from '../../../storage/database.ts';
import type { Envelope } from '../../../storage/stored-envelope.ts';
import { sampleEvent } from '../../server/sample-event.ts';
import { type HttpReceiver, startHttpReceiver } from '../http-receiver.ts';

const secret = 'tok"en-4711-abc';
const envelope: Envelope & { data?: unknown } = sampleEvent();
delete envelope.data;
const row = {
  ...{ event_id: 'evt_1', source: 'stripe', gateway: 'stripe', type: 'payment.succeeded' },
  ...{ native_type: 'payment_intent.succeeded', entity: 'pi_1', envelope: { payment: envelope.payment } },
  ...{ occurred_at: new Date(envelope.occurredAt), received_at: new Date(envelope.receivedAt) },
};

let dispatcher: Dispatcher;
let receiver: HttpReceiver;
beforeAll(() => {
  dispatcher = createGuardedAgent({ allow: parseNetworks(['127.0.0.1']), resolve: resolveBySystem });
});
afterAll(() => dispatcher.destroy());
beforeEach(async () => {
  receiver = await startHttpReceiver();
});
afterEach(() => receiver.close());

/** As much of a database as reads one event. */
const eventStore = (rows: object[]) => ({ run: () => Promise.resolve(rows) }) as unknown as Database;

interface Setting {
  bindings?: object;
  timeoutMs?: number;
  canceled?: AbortSignal;
  stopping?: AbortSignal;
  events?: object[];
}

function setUp({ bindings, timeoutMs = 5_000, canceled, stopping, events = [row] }: Setting) {
  const lines: string[] = [];
  const text = JSON.stringify(bindings ?? { KAIT_SECRET_TOKEN: { hosts: [`127.0.0.1:${receiver.port}`] } });
  const deps: OwnActivityDeps = {
    database: eventStore(events),
    log: pino({ base: null, timestamp: false }, { write: (line: string) => void lines.push(line) }),
    dispatcher,
    userAgent: 'Kait/test',
    lookupSecret: (name) => ({ KAIT_SECRET_TOKEN: secret, KAIT_SECRET_SHORT: 'abc' })[name],
    secretBindings: () =>
      Promise.resolve(readSecretBindings({ file: 'secrets.json', text }).bindings ?? new Map<string, never>()),
    attempt: () => ({
      ...{ number: 3, timeoutMs, pauseMs: 1_000 },
      canceled: canceled ?? new AbortController().signal,
      stopping: stopping ?? new AbortController().signal,
    }),
  };
  return { deps, lines };
}

type Run = (context: ContextOf<'network'>) => unknown;

/** Runs an attempt of a network activity that does this. */
function attempt(run: Run, setting: Setting & { output?: z.ZodObject; heartbeat?: string; input?: object } = {}) {
  const activity = defineActivity({
    ...{ name: 'crm.tell', title: 'Tell the CRM', kind: 'network' },
    ...{ input: z.strictObject({ name: z.string().default('ana') }), output: setting.output ?? z.looseObject({}) },
    ...(setting.heartbeat !== undefined && { heartbeat: setting.heartbeat }),
    run: (_input, context) => run(context) as Record<string, unknown>,
  });
  const { deps, lines } = setUp(setting);
  const context = {
    idempotencyKey: 'kait/shop/stripe/evt_1/tell',
    source: 'stripe',
    eventId: 'evt_1',
    definition: 'shop',
  };
  return { outcome: runOwnActivity(deps, activity, setting.input ?? {}, context), lines };
}

/** What Temporal is told of the failure. */
async function failure(run: Run, setting?: Parameters<typeof attempt>[1]) {
  const error: unknown = await attempt(run, setting).outcome.catch((thrown: unknown) => thrown);
  if (!(error instanceof ApplicationFailure)) throw new Error('expected a failure', { cause: error });
  const { type, message, nonRetryable, details, nextRetryDelay } = error;
  return { type, message, nonRetryable, details, nextRetryDelay, stack: error.stack };
}

it('gives the code what belongs to the attempt', async () => {
  const seen = ({ idempotencyKey, attempt: number, event }: ContextOf<'network'>) => ({
    idempotencyKey,
    number,
    event,
  });
  expect(await attempt(seen).outcome).toEqual({
    idempotencyKey: 'kait/shop/stripe/evt_1/tell',
    number: 3,
    event: envelope,
  });
});

it('refuses an input that its schema does not take, without its value', async () => {
  expect(await failure(() => ({}), { input: { nam: 'secret value' } })).toMatchObject({
    type: 'InputInvalid',
    message: 'crm.tell: Unrecognized key: "nam"',
    nonRetryable: true,
    details: [{ effect: 'none' }],
  });
});

it('fails only an activity that looks at an event whose details have been deleted', async () => {
  const events = [{ ...row, envelope: null }];
  expect(await attempt(() => ({ fine: true }), { events }).outcome).toEqual({ fine: true });
  expect(await failure(({ event }) => ({ id: event.id }), { events })).toMatchObject({ type: 'EventUnknown' });
});

it('says that `sql` is for the other kind', async () => {
  expect((await failure((context) => (context as unknown as { sql: object }).sql)).message).toBe(
    'crm.tell: TypeError: `sql` is for the kind database, and this activity is of the kind network. Kait tries it again, as any error that is no PermanentError',
  );
});

describe('an error', () => {
  const throwing = (error: unknown) => () => {
    throw error;
  };

  it.each([
    ['permanent', new PermanentError('CardDeclined', 'no funds'), 'CardDeclined', 'crm.tell: no funds', true, 'none'],
    [
      'permanent, after something may have happened',
      new PermanentError('CardDeclined', 'no funds', { effect: 'unknown' }),
      ...(['CardDeclined', 'crm.tell: no funds', true, 'unknown'] as const),
    ],
    ['transient', new TransientError('Busy', 'later'), 'Busy', 'crm.tell: later', false, 'unknown'],
    [
      'of any other class',
      new RangeError('out of luck'),
      'RangeError',
      'crm.tell: RangeError: out of luck. Kait tries it again, as any error that is no PermanentError',
      ...([false, 'unknown'] as const),
    ],
    [
      'that is no error',
      'out of luck',
      'ActivityFailed',
      'crm.tell: it threw the text "out of luck" instead of an Error. Kait tries it again, as any error that is no PermanentError',
      ...([false, 'unknown'] as const),
    ],
    [
      'whose type is no word',
      new PermanentError('card declined', 'no funds'),
      ...(['ActivityFailed', 'crm.tell: no funds', true, 'none'] as const),
    ],
  ])('%s tells Temporal what it is', async (_what, error, type, message, nonRetryable, effect) => {
    expect(await failure(throwing(error))).toMatchObject({ type, message, nonRetryable, details: [{ effect }] });
  });

  it('of another copy of the package counts as well', async () => {
    const other = Object.assign(new Error('no funds'), {
      type: 'CardDeclined',
      [Symbol.for('kait.activity-error')]: 'permanent',
    });
    expect(await failure(throwing(other))).toMatchObject({ type: 'CardDeclined', nonRetryable: true });
  });

  it('may ask for a longer pause, and never for a shorter one', async () => {
    const busy = (retryAfterMs: number) => throwing(new TransientError('Busy', 'later', { retryAfterMs }));
    expect((await failure(busy(60_000))).nextRetryDelay).toBe(60_000);
    expect((await failure(busy(10))).nextRetryDelay).toBeUndefined();
  });

  it('names its place, and is cut if it is long', async () => {
    const { message, stack } = await failure(throwing(new PermanentError('TooLong', 'x'.repeat(3_000))));
    expect(message).toHaveLength(2_000);
    expect(stack).toMatch(/run-own-activity\.integration\.test/);
  });
});

describe('an output', () => {
  const loop: Record<string, unknown> = {};
  loop.self = loop;

  it.each([
    ['that the schema refuses', { total: 'many' }, '`output.total`: Invalid input: expected number, received string'],
    ['with a date', { total: 1, at: new Date(0) }, '`output.at` is a Date. An output is JSON'],
    ['with a big number', { total: 1, at: 1n }, '`output.at` is a bigint. An output is JSON'],
    ['with a function', { total: 1, at: () => 1 }, '`output.at` is a function. An output is JSON'],
    ['with no number', { total: 1, at: [Infinity] }, '`output.at.0` is Infinity. An output is JSON'],
    ['in a circle', { total: 1, loop }, 'nested too deeply. An output is JSON'],
    [
      'that is too large',
      { total: 1, text: 'x'.repeat(300_000) },
      'the output takes 300021 bytes, and at most 262144 fit',
    ],
    ['that is missing', undefined, '`output`: Invalid input: expected object, received undefined'],
  ])('%s is refused for good', async (_what, returned, message) => {
    const refused = await failure(() => returned, { output: z.looseObject({ total: z.int() }) });
    expect(refused).toMatchObject({ type: 'OutputInvalid', nonRetryable: true, details: [{ effect: 'unknown' }] });
    expect(refused.message).toContain(message);
  });

  it('leaves out what is undefined', async () => {
    expect(await attempt(() => ({ total: 1, note: undefined })).outcome).toEqual({ total: 1 });
  });
});

describe('the time', () => {
  const never = () => new Promise(() => undefined);

  it('of an attempt ends, whatever its code does', async () => {
    expect(await failure(never, { timeoutMs: 50 })).toMatchObject({
      ...{ type: 'TimedOut', message: 'crm.tell: not finished after 50 ms', nonRetryable: false },
      details: [{ effect: 'unknown' }],
    });
  });

  it('without a heartbeat ends as well', async () => {
    expect(await failure(never, { heartbeat: '40ms' })).toMatchObject({
      type: 'TimedOut',
      message: 'crm.tell: no heartbeat for 40 ms',
    });
  });

  it('goes on with every heartbeat', async () => {
    const beating = async ({ heartbeat }: ContextOf<'network'>) => {
      for (let beat = 0; beat < 5; beat++) {
        await new Promise((resolve) => setTimeout(resolve, 100));
        heartbeat();
      }
      return { done: true };
    };
    expect(await attempt(beating, { heartbeat: '400ms' }).outcome).toEqual({ done: true });
  });

  it('tells code by its signal that the run is canceled, and is awaited if it goes on', async () => {
    const canceled = AbortSignal.abort(new CancelledFailure('canceled'));
    const obeying = ({ signal }: ContextOf<'network'>) => {
      signal.throwIfAborted();
      return {};
    };
    await expect(attempt(obeying, { canceled }).outcome).rejects.toBeInstanceOf(CancelledFailure);
    expect(await attempt(() => ({ done: true }), { canceled }).outcome).toEqual({ done: true });
  });

  it('ends with the worker, and another attempt is made', async () => {
    expect(await failure(never, { stopping: AbortSignal.abort() })).toMatchObject({
      type: 'ActivityFailed',
      message: 'crm.tell: the worker stopped meanwhile',
      nonRetryable: false,
    });
  });
});

describe('a secret', () => {
  const read = ({ secret: secretOf }: ContextOf<'network'>) => secretOf('KAIT_SECRET_TOKEN');

  it('never leaves in an output, an error or the log', async () => {
    const { outcome, lines } = attempt((context) => {
      context.log.info(`got ${read(context)}`, { header: `Bearer ${read(context)}`, error: new Error(read(context)) });
      return { token: read(context), encoded: Buffer.from(read(context)).toString('base64') };
    });
    expect(await outcome).toEqual({ token: '[secret]', encoded: '[secret]' });
    expect(lines.map((line) => JSON.parse(line) as object)).toEqual([
      {
        ...{
          level: 30,
          from: 'activity',
          activity: 'crm.tell',
          key: 'kait/shop/stripe/evt_1/tell',
          msg: 'got [secret]',
        },
        facts: { header: 'Bearer [secret]', error: 'Error: [secret]' },
      },
    ]);
    const told = await failure((context) => {
      throw new Error(`wrong: ${read(context)}`);
    });
    expect(told.message).toContain('wrong: [secret]');
    expect(told.stack).not.toContain(secret);
  });

  it.each([
    ['without an entry', 'KAIT_SECRET_OTHER', 'SecretNotAllowed', /has no entry in definitions\/secrets\.json/],
    [
      'with another name',
      'DATABASE_URL',
      'SecretUnavailable',
      /Expected a secret named KAIT_SECRET_…, got "DATABASE_URL"/,
    ],
    [
      'of another definition',
      'KAIT_SECRET_TOKEN',
      'SecretNotAllowed',
      /The definition "shop" may not use KAIT_SECRET_TOKEN/,
    ],
  ])('%s is refused', async (_what, name, type, message) => {
    const bindings = { KAIT_SECRET_TOKEN: { hosts: ['api.example.com'], definitions: ['other'] } };
    const refused = await failure(({ secret: secretOf }) => ({ token: secretOf(name) }), { bindings });
    expect(refused.type).toBe(type);
    expect(refused.message).toMatch(message);
  });

  it.each([
    ['in a header', (token: string) => ({ headers: { authorization: `Bearer ${token}` } })],
    ['in the body', (token: string) => ({ method: 'POST', body: JSON.stringify({ token }) })],
  ])('is sent %s only to its hosts', async (_what, init) => {
    const bindings = { KAIT_SECRET_TOKEN: { hosts: ['api.example.com'] } };
    const send = async (context: ContextOf<'network'>) => {
      await context.fetch(receiver.origin, init(read(context)));
      return {};
    };
    expect(await failure(send, { bindings })).toMatchObject({ type: 'SecretNotAllowed', nonRetryable: true });
    expect(receiver.received).toEqual([]);
    expect(await attempt(send).outcome).toEqual({});
    expect(receiver.received).toHaveLength(1);
  });
});

describe('fetch', () => {
  const post = { method: 'POST', body: JSON.stringify({ a: 1 }), headers: { 'content-type': 'application/json' } };

  it('sends the same key in every attempt, and another for another request', async () => {
    const twice = async ({ fetch }: ContextOf<'network'>) => {
      await fetch(`${receiver.origin}/a`, post);
      await fetch(`${receiver.origin}/b`, post);
      return {};
    };
    await attempt(twice).outcome;
    await attempt(twice).outcome;
    const keys = receiver.received.map(({ headers }) => headers['idempotency-key']);
    expect(keys[0]).toMatch(/^req_[0-9a-f]{32}$/);
    expect([keys[2], keys[3]]).toEqual([keys[0], keys[1]]);
    expect(keys[1]).not.toBe(keys[0]);
    expect(receiver.received[0]).toMatchObject({ method: 'POST', path: '/a', body: '{"a":1}' });
  });

  it('returns an answer of any status, and follows no redirect', async () => {
    receiver.answer((response) => response.writeHead(302, { location: '/elsewhere' }).end('gone'));
    const outcome = attempt(async ({ fetch }) => {
      const answer = await fetch(receiver.origin, { headers: { 'idempotency-key': 'mine' } });
      return { status: answer.status, text: await answer.text(), to: answer.headers.get('location') };
    }).outcome;
    expect(await outcome).toEqual({ status: 302, text: 'gone', to: '/elsewhere' });
    expect(receiver.received.map(({ headers }) => headers['idempotency-key'])).toEqual(['mine']);
  });

  it('fails on an answer that is too large', async () => {
    receiver.answer((response) => response.end('x'.repeat(300_000)));
    expect(await failure(({ fetch }) => fetch(receiver.origin))).toMatchObject({ type: 'ResponseTooLarge' });
  });

  it('reaches no private network that is not allowed', async () => {
    expect(await failure(({ fetch }) => fetch('http://10.0.0.1/'))).toMatchObject({
      type: 'AddressRefused',
      nonRetryable: true,
    });
  });

  it('ends with the attempt', async () => {
    receiver.answer(() => undefined);
    expect(await failure(({ fetch }) => fetch(receiver.origin), { timeoutMs: 100 })).toMatchObject({
      type: 'TimedOut',
    });
  });

  it.each([
    ['ftp://shop.example/', undefined, 'fetch expects an http or https URL'],
    ['http://user:password@shop.example/', undefined, 'put credentials into a header'],
    ['http://shop.example/', { redirect: 'follow' }, '`redirect` can only be "manual"'],
    ['http://shop.example/', { cache: 'no-store' }, 'fetch has no option "cache" here'],
    ['http://shop.example/', { headers: { connection: 'close' } }, 'does not let you set the header connection'],
  ])('does not take %s with %j', async (url, init, message) => {
    expect((await failure(({ fetch }) => fetch(url, init as ActivityRequest))).message).toContain(message);
  });
});
