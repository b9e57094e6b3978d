import { and, asc, eq, isNotNull, ne } from 'drizzle-orm';
import pino from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { activityFailure } from '../../../../activities/failure-types.ts';
import type { AttemptOutcome } from '../../../../activities/outbound/attempt-outcome.ts';
import type { StartableDelivery } from '../../../../activities/outbound/delivery-starter.ts';
import { createNoticeTelling, type NoticeTellingDeps } from '../../../../activities/outbound/notices/tell-notices.ts';
import { recordHealth } from '../../../../activities/outbound/record-health.ts';
import type { Database } from '../../../../storage/database.ts';
import { applyRetention } from '../../../../storage/retention.ts';
import { deliveries, endpointNotices, endpoints, mails, messages } from '../../../../storage/schema.ts';
import { openTestDatabase } from '../../../services/open-test-database.ts';
import { activityFixture, fixtureTime, recordingTransport, type RecordingTransport } from '../../activity-fixture.ts';
import { endpointRow } from '../endpoint-row.ts';

const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

let database: Database;
let now: Date;
let transport: RecordingTransport;
let started: StartableDelivery[];
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());
beforeEach(() => {
  now = fixtureTime;
  transport = recordingTransport();
  started = [];
});
afterEach(async () => {
  for (const table of [messages, endpoints, endpointNotices, mails]) await database.orm.delete(table);
});

const later = (ms: number) => {
  now = new Date(now.getTime() + ms);
};

async function addEndpoints(
  ...rows: ({ id: string } & Partial<Pick<typeof endpoints.$inferInsert, 'patterns' | 'tenant' | 'url' | 'policy'>>)[]
): Promise<void> {
  for (const { id, patterns = ['order.*'], url = `https://${id.slice(3)}.example/hooks`, ...row } of rows) {
    await database.orm.insert(endpoints).values(endpointRow({ id, url, patterns, secret, ...row }));
  }
}

const outcomes: Record<'fails' | 'succeeds' | 'is gone', AttemptOutcome> = {
  fails: { kind: 'retry', afterMs: null, reason: 'HTTP 503', isBusy: false },
  succeeds: { kind: 'delivered' },
  'is gone': { kind: 'permanent', reason: 'HTTP 410', disabledReason: '410 Gone' },
};
const ordinary = { messageId: 'msg_1', type: 'order.created' };

/** One attempt that ended; by default at an ordinary message. */
async function attempt(endpointId: string, how: keyof typeof outcomes, message = ordinary): Promise<void> {
  const ended = { outcome: outcomes[how], at: now, isProbe: false };
  await database.orm.transaction((queries) =>
    recordHealth(queries, { endpointId, ...message }, ended, { disableAfterMs: null }),
  );
}

async function fail(endpointId: string, message = ordinary): Promise<void> {
  for (let count = 0; count < 5; count += 1) await attempt(endpointId, 'fails', message);
}

function telling({ mailing = false, ...changes }: Partial<NoticeTellingDeps> & { mailing?: boolean } = {}) {
  const { activities } = activityFixture(changes.database ?? database, { transport, clock: () => now });
  return createNoticeTelling({
    ...{ database, clock: () => now, log: pino({ level: 'silent' }), intervalMs: 1_000 },
    deliveryStarter: { start: (given) => void started.push(...given) },
    mail: mailing ? { to: 'ops@shop.example', sendMail: activities['mail.send'] } : null,
    ...changes,
  });
}

const tell = (changes: Parameters<typeof telling>[0] = {}) => telling(changes).tellOnce();

/** What was told by messages, the oldest first: the type and who got it. */
async function told(): Promise<string[]> {
  const rows = await database.orm
    .select({ type: messages.type, about: messages.body, endpoint: deliveries.endpoint })
    .from(deliveries)
    .innerJoin(messages, eq(messages.id, deliveries.message))
    .orderBy(asc(messages.createdAt), asc(messages.idempotencyKey), asc(deliveries.endpoint));
  return rows.map(({ type, about, endpoint }) => `${idIn(about)} ${type.replace('kait.endpoint.', '')} → ${endpoint}`);
}

function idIn(body: string): string {
  return (JSON.parse(body) as { data: { endpoint: { id: string } } }).data.endpoint.id;
}

/** The message that an endpoint got last. */
async function lastMessageTo(endpoint: string): Promise<typeof messages.$inferSelect> {
  const rows = await database.orm
    .select({ message: messages })
    .from(deliveries)
    .innerJoin(messages, eq(messages.id, deliveries.message))
    .where(eq(deliveries.endpoint, endpoint))
    .orderBy(asc(messages.createdAt));
  return rows.at(-1)!.message;
}

async function untold(): Promise<string[]> {
  const rows = await database.orm.select().from(endpointNotices).orderBy(endpointNotices.id);
  return rows.filter(({ toldAt }) => toldAt === null).map(({ kind }) => kind);
}

const subjects = () => transport.sent.map(({ subject }) => subject);

describe('a notice about an endpoint', () => {
  it('is told to those endpoints of the operator that ask for it', async () => {
    await addEndpoints(
      { id: 'ep_a', url: 'https://user:pass@a.example/T024BE7LD/hooks?key=abc' },
      ...['*', 'order.*', 'kait.endpoint.disabled'].map((pattern, index) => ({
        id: `ep_other${index}`,
        patterns: [pattern],
      })),
      ...['kait.*', 'kait.endpoint.*', 'kait.endpoint.failing'].map((pattern, index) => ({
        id: `ep_asks${index}`,
        patterns: [pattern],
      })),
    );
    await fail('ep_a');
    await tell();
    expect(await told()).toEqual(['ep_a failing → ep_asks0', 'ep_a failing → ep_asks1', 'ep_a failing → ep_asks2']);
    expect(started.map(({ endpoint, type }) => `${type} ${endpoint}`).sort()).toEqual([
      'kait.endpoint.failing ep_asks0',
      'kait.endpoint.failing ep_asks1',
      'kait.endpoint.failing ep_asks2',
    ]);
    const { body } = await lastMessageTo('ep_asks0');
    expect(JSON.parse(body)).toEqual({
      type: 'kait.endpoint.failing',
      timestamp: '2026-11-25T08:00:00.000Z',
      data: {
        endpoint: { id: 'ep_a', url: 'https://a.example/…/hooks', description: '', tenant: null, state: 'enabled' },
        ...{ reason: 'HTTP 503', at: '2026-11-25T08:00:00.000Z', failingSince: '2026-11-25T08:00:00.000Z' },
        ...{ lastStatuses: [], deliveries: { pending: 0, parked: 0 }, resume: null },
      },
    });
  });

  it('says what the last answers were, what waits, and how to enable the endpoint again', async () => {
    await addEndpoints({ id: 'ep_a', tenant: 'acme' }, { id: 'ep_ops', patterns: ['kait.*'] });
    await addEndpoints({ id: 'ep_acme', tenant: 'acme', patterns: ['kait.*'] });
    const states = ['parked', 'parked', 'pending', 'started', 'refused', 'exhausted'] as const;
    for (const [index, state] of states.entries()) {
      const id = `msg_${index}`;
      const createdAt = new Date(now.getTime() + index);
      const tried = { attempts: index < 2 ? 0 : 1, lastStatus: index === 3 ? null : 500 + index };
      await database.orm.insert(messages).values({ id, idempotencyKey: id, type: 'a', body: '{}', createdAt });
      const delivery = { id: `dlv_${index}`, message: id, endpoint: 'ep_a', url: 'https://a.example', createdAt };
      await database.orm.insert(deliveries).values({ ...delivery, state, ...tried });
    }
    await attempt('ep_a', 'is gone');
    await database.orm.update(endpoints).set({ description: 'Orders' }).where(eq(endpoints.id, 'ep_a'));
    later(1_000);
    await tell();
    const data = {
      endpoint: {
        id: 'ep_a',
        url: 'https://a.example/hooks',
        description: 'Orders',
        tenant: 'acme',
        state: 'disabled',
      },
      ...{ reason: '410 Gone', lastStatuses: [505, 504, null, 502], deliveries: { pending: 2, parked: 2 } },
    };
    expect(JSON.parse((await lastMessageTo('ep_ops')).body)).toMatchObject({
      data: { ...data, resume: 'kait endpoints resume ep_a' },
    });
    expect(JSON.parse((await lastMessageTo('ep_acme')).body)).toMatchObject({
      data: { ...data, resume: 'POST /api/v1/endpoints/ep_a/resume' },
    });
  });

  it('is told to the tenant whose endpoint it is and to the operator, and to no other tenant', async () => {
    await addEndpoints(
      { id: 'ep_a', tenant: 'acme', patterns: ['*', 'kait.*'] },
      { id: 'ep_acme', tenant: 'acme', patterns: ['kait.*'] },
      { id: 'ep_umbra', tenant: 'umbra', patterns: ['kait.*'] },
      { id: 'ep_ops', patterns: ['kait.*'] },
    );
    await fail('ep_a');
    await tell();
    expect(await told()).toEqual(['ep_a failing → ep_ops', 'ep_a failing → ep_acme']);
    expect((await lastMessageTo('ep_acme')).tenant).toBe('acme');
    expect((await lastMessageTo('ep_ops')).tenant).toBeNull();
  });

  it('about an endpoint of the operator is told to no tenant', async () => {
    await addEndpoints({ id: 'ep_a' }, { id: 'ep_acme', tenant: 'acme', patterns: ['kait.*'] });
    await fail('ep_a');
    await tell();
    expect(await told()).toEqual([]);
    expect(await untold()).toEqual([]);
    expect(await database.orm.$count(messages)).toBe(0);
  });

  it('is never told to the endpoint that it is about', async () => {
    await addEndpoints({ id: 'ep_a', patterns: ['kait.*'] });
    await fail('ep_a');
    await tell();
    expect(await told()).toEqual([]);
  });

  it('goes through the filters of those who get it', async () => {
    const filter = { '==': [{ var: 'data.endpoint.tenant' }, 'acme'] };
    await addEndpoints({ id: 'ep_a', tenant: 'acme' }, { id: 'ep_b' });
    await addEndpoints({ id: 'ep_ops', patterns: ['kait.*'], policy: { filter } });
    await fail('ep_a');
    await fail('ep_b');
    await tell();
    expect(await told()).toEqual(['ep_a failing → ep_ops']);
  });

  it('is told to nobody once the endpoint was removed', async () => {
    await addEndpoints({ id: 'ep_a' }, { id: 'ep_ops', patterns: ['kait.*'] });
    await fail('ep_a');
    await database.orm.delete(endpoints).where(eq(endpoints.id, 'ep_a'));
    await tell();
    expect(await told()).toEqual([]);
    expect(await database.orm.$count(endpointNotices)).toBe(0);
  });

  it('is told once by two processes at once', async () => {
    await addEndpoints({ id: 'ep_a' }, { id: 'ep_b' }, { id: 'ep_ops', patterns: ['kait.*'] });
    await fail('ep_a');
    await fail('ep_b');
    await Promise.all([tell({ mailing: true }), tell({ mailing: true }), tell({ mailing: true })]);
    await tell({ mailing: true });
    expect((await told()).sort()).toEqual(['ep_a failing → ep_ops', 'ep_b failing → ep_ops']);
    expect(started).toHaveLength(2);
    expect(transport.sent.length).toBeLessThanOrEqual(2);
    later(5 * minuteMs + 1);
    await tell({ mailing: true });
    const lines = transport.sent.flatMap(({ text }) => text.match(/ep_\w+ is failing/g) ?? []);
    expect(lines.sort()).toEqual(['ep_a is failing', 'ep_b is failing']);
  });

  it('is told by the next process if the one before dies before it has committed', async () => {
    await addEndpoints({ id: 'ep_a' }, { id: 'ep_ops', patterns: ['kait.*'] });
    await fail('ep_a');
    await tell({ database: dyingBeforeCommit() });
    expect(await told()).toEqual([]);
    expect(started).toEqual([]);
    expect(await untold()).toEqual(['failing']);
    await tell();
    expect(await told()).toEqual(['ep_a failing → ep_ops']);
  });

  it('is left to the recovery of deliveries if the process dies after it has committed', async () => {
    await addEndpoints({ id: 'ep_a' }, { id: 'ep_ops', patterns: ['kait.*'] });
    await fail('ep_a');
    await tell({ deliveryStarter: { start: () => undefined } });
    await tell();
    expect(started).toEqual([]);
    const pending = and(eq(deliveries.state, 'pending'), isNotNull(deliveries.claimedUntil));
    expect(await database.orm.$count(deliveries, pending)).toBe(1);
  });

  it('about one endpoint is told although one about another cannot be', async () => {
    await addEndpoints({ id: 'ep_a' }, { id: 'ep_b' }, { id: 'ep_ops', patterns: ['kait.*'] });
    await fail('ep_a');
    later(1);
    await fail('ep_b');
    await tell({ database: dyingBeforeCommit() }); // Only the first transaction dies.
    expect(await told()).toEqual(['ep_b failing → ep_ops']);
  });

  it('is deleted 90 days after it was told, and kept until then', async () => {
    await addEndpoints({ id: 'ep_a' });
    await fail('ep_a');
    const pause = () => Promise.resolve();
    const inDays = (days: number) => new Date(now.getTime() + days * 24 * hourMs);
    await applyRetention(database, [], { now: inDays(100), pause });
    expect(await untold()).toEqual(['failing']);
    await tell();
    await applyRetention(database, [], { now: inDays(89), pause });
    expect(await database.orm.$count(endpointNotices)).toBe(1);
    await applyRetention(database, [], { now: inDays(91), pause });
    expect(await database.orm.$count(endpointNotices)).toBe(0);
  });
});

/** The first transaction is rolled back when its work is done. */
function dyingBeforeCommit(): Database {
  let dies = true;
  const orm = new Proxy(database.orm, {
    get(target, name) {
      if (name !== 'transaction' || !dies) return Reflect.get(target, name) as unknown;
      dies = false;
      return (work: Parameters<typeof target.transaction>[0]) =>
        target.transaction(async (queries) => {
          await work(queries);
          throw new Error('killed');
        });
    },
  });
  return { ...database, orm };
}

describe('an endpoint that comes and goes', () => {
  it('is told of as recovered once that has lasted for five minutes', async () => {
    await addEndpoints({ id: 'ep_a' }, { id: 'ep_ops', patterns: ['kait.*'] });
    await fail('ep_a');
    await tell();
    later(minuteMs);
    await attempt('ep_a', 'succeeds');
    later(5 * minuteMs - 1);
    await tell();
    expect(await told()).toEqual(['ep_a failing → ep_ops']);
    later(1);
    await tell();
    expect(await told()).toEqual(['ep_a failing → ep_ops', 'ep_a recovered → ep_ops']);
    expect(JSON.parse((await lastMessageTo('ep_ops')).body)).toMatchObject({
      data: { reason: null, at: '2026-11-25T08:01:00.000Z', failingSince: '2026-11-25T08:00:00.000Z', resume: null },
    });
  });

  it('is told of once while it fails and recovers each minute', async () => {
    await addEndpoints({ id: 'ep_a' }, { id: 'ep_ops', patterns: ['kait.*'] });
    for (let minute = 0; minute < 60; minute += 2) {
      await fail('ep_a');
      await tell({ mailing: true });
      later(minuteMs);
      await attempt('ep_a', 'succeeds');
      await tell({ mailing: true });
      later(minuteMs);
    }
    later(10 * minuteMs);
    await tell({ mailing: true });
    expect(await told()).toEqual(['ep_a failing → ep_ops', 'ep_a recovered → ep_ops']);
    expect(subjects()).toEqual([
      'Kait: the endpoint at a.example is failing',
      'Kait: the endpoint at a.example has recovered',
    ]);
    expect(await database.orm.$count(endpointNotices)).toBe(2);
  });

  it('is told of less and less often, if it recovers for a while each time', async () => {
    await addEndpoints({ id: 'ep_a' }, { id: 'ep_ops', patterns: ['kait.*'] });
    for (let cycle = 0; cycle < 48; cycle += 1) {
      await fail('ep_a');
      await tell({ mailing: true });
      later(10 * minuteMs);
      await attempt('ep_a', 'succeeds');
      later(20 * minuteMs);
      await tell({ mailing: true });
    }
    // 24 hours: told as recovered after 5, 10 and 20 minutes. Twenty minutes are too short from then on.
    expect(await told()).toHaveLength(7);
    expect(transport.sent).toHaveLength(5); // A recovery and the failure right after it are in one.
  });

  it('is told of as disabled at once, even if it has just recovered', async () => {
    await addEndpoints({ id: 'ep_a' }, { id: 'ep_ops', patterns: ['kait.*'] });
    await fail('ep_a');
    await tell();
    await attempt('ep_a', 'succeeds');
    later(minuteMs);
    await attempt('ep_a', 'is gone');
    await tell();
    expect(await told()).toEqual(['ep_a failing → ep_ops', 'ep_a disabled → ep_ops']);
  });
});

describe('endpoints that get notices and fail', () => {
  const all = { patterns: ['kait.*'] };

  /** Fails what was delivered to an endpoint last. */
  async function failAtNotice(endpoint: string): Promise<void> {
    const { id, type } = await lastMessageTo(endpoint);
    await fail(endpoint, { messageId: id, type });
  }

  it('are told of to each other, and no further than two notices from what steps emit', async () => {
    await addEndpoints({ id: 'ep_a' }, { id: 'ep_x', ...all }, { id: 'ep_y', ...all });
    await fail('ep_a');
    await tell();
    later(1);
    await failAtNotice('ep_x');
    await tell();
    later(1);
    await failAtNotice('ep_y');
    await tell();
    expect(await told()).toEqual([
      ...['ep_a failing → ep_x', 'ep_a failing → ep_y'],
      ...['ep_x failing → ep_y', 'ep_y failing → ep_x'],
    ]);
    later(1);
    await attempt('ep_x', 'succeeds');
    later(5 * minuteMs);
    await tell();
    expect((await told()).slice(4)).toEqual(['ep_x recovered → ep_y']);
    later(1);
    await failAtNotice('ep_x'); // By the notice about ep_y, which was the second from ep_a.
    await tell();
    expect((await told()).slice(5)).toEqual([]);
    expect(await untold()).toEqual([]);
  });

  it('come to rest, however often they reject notices and take everything else', async () => {
    await addEndpoints({ id: 'ep_a' }, { id: 'ep_x', ...all }, { id: 'ep_y', ...all });
    await fail('ep_a');
    await tell();
    const counts: number[] = [];
    for (let round = 0; round < 10; round += 1) {
      for (const endpoint of ['ep_x', 'ep_y']) {
        await rejectAll(endpoint);
        later(hourMs);
        await tell();
        await attempt(endpoint, 'succeeds');
        later(5 * hourMs);
        await tell();
      }
      counts.push((await told()).length);
    }
    expect(counts).toEqual([6, 8, 8, 8, 8, 8, 8, 8, 8, 8]);
  });

  /** Fails each notice that an endpoint has got, until its delivery is given up. */
  async function rejectAll(endpoint: string): Promise<void> {
    const its = and(eq(deliveries.endpoint, endpoint), ne(deliveries.state, 'exhausted'));
    const rows = await database.orm.select().from(deliveries).where(its).orderBy(asc(deliveries.createdAt));
    for (const { message } of rows) await fail(endpoint, { messageId: message, type: 'kait.endpoint.failing' });
    await database.orm.update(deliveries).set({ state: 'exhausted' }).where(its);
  }

  it('are mailed about, however far they are from what steps emit', async () => {
    await addEndpoints({ id: 'ep_a' }, { id: 'ep_x', ...all });
    await fail('ep_a');
    await tell();
    await database.orm.update(endpointNotices).set({ generation: 7 });
    await failAtNotice('ep_x');
    await tell({ mailing: true });
    expect(await told()).toEqual(['ep_a failing → ep_x']);
    expect(transport.sent[0]!.text).toContain('ep_x is failing.');
  });

  it('are told of as disabled and recovered if they were told of as failing', async () => {
    await addEndpoints({ id: 'ep_a' }, { id: 'ep_x', ...all }, { id: 'ep_y', ...all });
    await fail('ep_a');
    await tell();
    await fail('ep_x');
    later(1);
    await tell();
    const { id, type } = await lastMessageTo('ep_y');
    await database.orm.update(endpointNotices).set({ generation: 2 }).where(eq(endpointNotices.endpoint, 'ep_a'));
    later(1);
    await attempt('ep_x', 'is gone', { messageId: id, type });
    await tell();
    expect((await told()).at(-1)).toBe('ep_x disabled → ep_y');
  });
});

describe('the mail to the operator', () => {
  it('tells of everything that has happened, once', async () => {
    await addEndpoints({ id: 'ep_a', tenant: 'acme' }, { id: 'ep_b' });
    await fail('ep_a');
    await attempt('ep_b', 'is gone');
    await tell({ mailing: true });
    await tell({ mailing: true });
    expect(transport.sent).toMatchObject([
      { to: 'ops@shop.example', subject: 'Kait: outbound webhooks: 1 failing, 1 disabled', date: fixtureTime },
    ]);
  });

  it('is not sent by a worker without the setting, and is left to one that has it', async () => {
    await addEndpoints({ id: 'ep_a' });
    await fail('ep_a');
    await tell();
    expect(transport.sent).toEqual([]);
    await tell({ mailing: true });
    expect(subjects()).toEqual(['Kait: the endpoint at a.example is failing']);
  });

  it('is followed by the next in five minutes at the earliest, with all that happened meanwhile', async () => {
    await addEndpoints({ id: 'ep_a' }, { id: 'ep_b' }, { id: 'ep_c' });
    await fail('ep_a');
    await tell({ mailing: true });
    for (const endpoint of ['ep_b', 'ep_c']) {
      later(2 * minuteMs);
      await fail(endpoint);
      await tell({ mailing: true });
    }
    expect(transport.sent).toHaveLength(1);
    later(minuteMs + 1);
    await tell({ mailing: true });
    expect(subjects()).toEqual(['Kait: the endpoint at a.example is failing', 'Kait: outbound webhooks: 2 failing']);
  });

  it('tells of fifty endpoints at most, and the next of the others', async () => {
    const ids = Array.from({ length: 60 }, (_, index) => `ep_${index}`);
    await addEndpoints(...ids.map((id) => ({ id })));
    for (const id of ids) await attempt(id, 'is gone');
    await tell({ mailing: true });
    later(6 * minuteMs);
    await tell({ mailing: true });
    expect(subjects()).toEqual(['Kait: outbound webhooks: 50 disabled', 'Kait: outbound webhooks: 10 disabled']);
  });

  it('is sent once although the process dies before it has noted that it was sent', async () => {
    await addEndpoints({ id: 'ep_a' });
    await fail('ep_a');
    await tell({ mailing: true });
    await database.orm.update(endpointNotices).set({ mailedAt: null });
    later(minuteMs);
    await tell({ mailing: true });
    expect(transport.sent).toHaveLength(1);
    expect(await database.orm.$count(endpointNotices, isNotNull(endpointNotices.mailedAt))).toBe(1);
  });

  it('is the same mail if the process dies between the mail server and the database', async () => {
    await addEndpoints({ id: 'ep_a' });
    await fail('ep_a');
    await tell({ mailing: true });
    await database.orm.update(endpointNotices).set({ mailedAt: null });
    await database.orm.update(mails).set({ state: 'sending', sentAt: null, claimedUntil: now });
    later(minuteMs);
    await tell({ mailing: true });
    expect(transport.sent).toHaveLength(2);
    expect(new Set(transport.sent.map(({ messageId }) => messageId)).size).toBe(1);
  });

  it('is sent when the mail server is back after two days, with all that happened meanwhile in one more', async () => {
    await addEndpoints({ id: 'ep_a' }, { id: 'ep_b' }, { id: 'ep_c' });
    const process = telling({ mailing: true });
    await fail('ep_a');
    for (let hour = 0; hour < 48; hour += 1) {
      transport.failNext(activityFailure('MailUnavailable', 'The mail server is away'));
      await process.tellOnce();
      later(hourMs);
    }
    await fail('ep_b');
    await fail('ep_c');
    expect(transport.sent).toEqual([]);
    await process.tellOnce();
    later(6 * minuteMs);
    await process.tellOnce();
    expect(subjects()).toEqual(['Kait: the endpoint at a.example is failing', 'Kait: outbound webhooks: 2 failing']);
    expect(await database.orm.$count(mails, ne(mails.state, 'sent'))).toBe(0);
  });

  it('is left to the worker that is sending it, without a warning', async () => {
    await addEndpoints({ id: 'ep_a' });
    await fail('ep_a');
    const warned: unknown[] = [];
    const log = { info: () => undefined, warn: (about: unknown) => void warned.push(about), error: () => undefined };
    const inFlight = () => Promise.reject(activityFailure('MailInFlight', 'another attempt is sending this mail'));
    await tell({ log, mail: { to: 'ops@shop.example', sendMail: inFlight } });
    expect(warned).toEqual([]);
    await tell({ mailing: true });
    expect(subjects()).toEqual(['Kait: the endpoint at a.example is failing']);
  });

  it('is tried again after a minute, and after an hour if the mail server refuses it', async () => {
    await addEndpoints({ id: 'ep_a' });
    await fail('ep_a');
    const process = telling({ mailing: true });
    const attemptAfter = async (ms: number) => {
      later(ms);
      await process.tellOnce();
      return transport.sent.length;
    };
    transport.failNext(activityFailure('MailUnavailable', 'The mail server is away'));
    transport.failNext(activityFailure('MailRefused', 'No such mailbox'));
    expect(await attemptAfter(0)).toBe(0);
    expect(await attemptAfter(59_000)).toBe(0); // Nothing was tried: the refusal is still to come.
    expect(await attemptAfter(1_000)).toBe(0);
    expect(await attemptAfter(59 * minuteMs)).toBe(0);
    expect(await attemptAfter(minuteMs)).toBe(1);
  });

  it('does not hold up messages while the mail server is away', async () => {
    await addEndpoints({ id: 'ep_a' }, { id: 'ep_ops', patterns: ['kait.*'] });
    transport.failNext(activityFailure('MailUnavailable', 'The mail server is away'));
    await fail('ep_a');
    await tell({ mailing: true });
    expect(await told()).toEqual(['ep_a failing → ep_ops']);
  });

  it('does not tell what is older than a week', async () => {
    await addEndpoints({ id: 'ep_a' });
    await fail('ep_a');
    await tell();
    later(7 * 24 * hourMs + 1);
    await tell({ mailing: true });
    expect(transport.sent).toEqual([]);
  });
});
