import { activityInfo } from '@temporalio/activity';
import { Client } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { asc, eq } from 'drizzle-orm';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it, vi } from 'vitest';
import { authorized } from '../../../activities/authorize.ts';
import { createCommandActivities } from '../../../activities/commands.ts';
import { askReplay, type ReplayRequest } from '../../../activities/outbound/ask-replay.ts';
import { createReplayActivities } from '../../../activities/outbound/replay.ts';
import { createLookAtRun } from '../../../server/runs/look-at-run.ts';
import { commandRun } from '../../../server/runs/command-run.ts';
import { endRun } from '../../../server/runs/end-run.ts';
import { portalToken } from '../../../server/api/portal/portal-token.ts';
import { findReplay } from '../../../server/replays/look-at-replays.ts';
import { createReplayStarter, type ReplayStarter } from '../../../server/replays/start-replays.ts';
import { ensureSearchAttributes } from '../../../server/search-attributes.ts';
import { createStartRun } from '../../../server/start-run.ts';
import type { Database } from '../../../storage/database.ts';
import { audit, deliveries, endpoints, messages, type ReplayedWhat, replays } from '../../../storage/schema.ts';
import { installRuntime } from '../../../worker/install-runtime.ts';
import { type RunningWorker, startWorker } from '../../../worker/start-worker.ts';
import { endpointRow } from '../../activities/outbound/endpoint-row.ts';
import { builtInterpreter } from '../../services/built-interpreter.ts';
import { openTestDatabase } from '../../services/open-test-database.ts';
import { openApi, problem, testInstallation } from '../api/api-fixture.ts';

let database: Database;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  for (const table of [replays, messages, endpoints, audit]) await database.orm.delete(table);
});

const now = new Date('2026-03-01T00:00:00Z');
const at = (second: number) => new Date(Date.UTC(2026, 1, 1, 0, 0, second));

const endpoint = (id: string, more: Partial<typeof endpoints.$inferInsert> = {}) =>
  endpointRow({
    ...{ id, url: `https://${id}.example/`, patterns: ['*'], secret: 'whsec_x', createdAt: at(0) },
    ...more,
  });
const message = (id: string, more: Partial<typeof messages.$inferInsert> = {}) => ({
  ...{ id, idempotencyKey: `kait-test/shop/stripe/evt/${id}`, type: 'order.paid', createdAt: at(1) },
  ...{ body: '{"type":"order.paid","data":{"amount":5}}' },
  ...more,
});
const delivery = (id: string, to: string, more: Partial<typeof deliveries.$inferInsert> = {}) => ({
  ...{ id: `${id}-${to}`, message: id, endpoint: to, url: 'https://old.example/', createdAt: at(1) },
  ...{ state: 'exhausted' as const, endedAt: at(2), attempts: 8 },
  ...more,
});

const failed: ReplayedWhat = {
  ...{ missing: false, states: ['exhausted', 'refused'], endpoint: null, type: null, until: null },
  since: at(0).toISOString(),
};
const missed = (to: string, more: Partial<ReplayedWhat> = {}): ReplayedWhat => ({
  ...failed,
  ...{ missing: true, endpoint: to, since: null },
  ...more,
});
const ask = (what: ReplayedWhat, more: Partial<ReplayRequest> = {}) =>
  askReplay(database, {
    what,
    tenant: null,
    actor: 'ana',
    reason: 'the shop was down',
    dryRun: false,
    at: now,
    ...more,
  });

async function idOf(what: ReplayedWhat, more: Partial<ReplayRequest> = {}): Promise<string> {
  return ((await ask(what, more)) as { id: string }).id;
}

/** The next batch of a replay, as its run asks for it. */
function batch(id: string, number: number, context: object = {}) {
  const workflowId = () => `kait-test/kait-replay/kait/${id}`;
  const activities = createReplayActivities({ database, clock: () => now, workflowId });
  const given = { idempotencyKey: 'key', source: 'kait', eventId: id, definition: 'kait-replay', ...context };
  return activities['outbound.replay']({ batch: number }, given);
}

const statesOf = async (column: 'state' | 'parkedBecause' | 'replays' = 'state') =>
  Object.fromEntries(
    (await database.orm.select().from(deliveries).orderBy(asc(deliveries.id))).map((row) => [row.id, row[column]]),
  );

describe('asking for a replay', () => {
  beforeEach(async () => {
    await database.orm.insert(endpoints).values([endpoint('one'), endpoint('two', { tenant: 'acme' })]);
    await database.orm
      .insert(messages)
      .values([message('m1'), message('m2', { type: 'order.refunded', createdAt: at(5) }), message('m3')]);
    await database.orm
      .insert(deliveries)
      .values([
        ...[delivery('m1', 'one'), delivery('m2', 'one', { state: 'refused', createdAt: at(5) })],
        ...[delivery('m1', 'two', { tenant: 'acme' }), delivery('m3', 'one', { state: 'delivered' })],
        delivery('m3', 'two', { state: 'pending', endedAt: null, tenant: 'acme' }),
      ]);
  });

  it('counts what has failed by endpoint and type, and is in the audit', async () => {
    const asked = await ask(failed);
    expect(asked).toEqual({
      ...{ kind: 'asked', id: expect.stringMatching(/^rpl_[0-9a-f]{32}$/) as string, total: 3 },
      groups: [
        { endpoint: 'one', type: 'order.paid', count: 1 },
        { endpoint: 'one', type: 'order.refunded', count: 1 },
        { endpoint: 'two', type: 'order.paid', count: 1 },
      ],
    });
    const { id } = asked as { id: string };
    expect(await database.orm.select().from(audit)).toMatchObject([
      { actor: 'ana', action: 'retry-deliveries', target: `replay ${id}`, reason: 'the shop was down' },
    ]);
  });

  it.each<[string, Partial<ReplayedWhat>, number]>([
    ['of an endpoint', { endpoint: 'one' }, 2],
    ['of a type', { type: 'order.refunded' }, 1],
    ['of all types below one', { type: 'order.*' }, 3],
    ['of a time span', { since: at(2).toISOString() }, 1],
    ['up to a time', { until: at(5).toISOString() }, 2],
    ['up to a time to come', { until: '2027-01-01T00:00:00.000Z' }, 3],
    ['of a state', { states: ['delivered'] }, 1],
    ['of nobody', { endpoint: "'; drop table deliveries" }, 0],
  ])('takes those %s', async (_name, more, total) => {
    expect(await ask({ ...failed, ...more }, { dryRun: true })).toMatchObject({ id: null, total });
  });

  it('records nothing for a dry run, or if nothing matches', async () => {
    await ask(failed, { dryRun: true });
    await ask({ ...failed, type: 'other.type' });
    expect(await database.orm.$count(replays)).toBe(0);
    expect(await database.orm.$count(audit)).toBe(0);
  });

  it('shows a tenant only its own', async () => {
    expect(await ask(failed, { tenant: 'acme', dryRun: true })).toMatchObject({ total: 1 });
    expect(await ask({ ...failed, endpoint: 'one' }, { tenant: 'acme' })).toEqual({ kind: 'unknown-endpoint' });
    expect(await ask(missed('one'), { tenant: 'acme' })).toEqual({ kind: 'unknown-endpoint' });
  });
});

describe('a batch', () => {
  it('sends again what has failed, to the present URL, and leaves everything else alone', async () => {
    await database.orm.insert(endpoints).values([endpoint('one'), endpoint('off', { state: 'paused' })]);
    await database.orm.insert(messages).values([message('m1'), message('m2', { body: '' }), message('m3')]);
    await database.orm
      .insert(deliveries)
      .values([
        ...[delivery('m1', 'one'), delivery('m1', 'off', { state: 'refused' }), delivery('m1', 'removed')],
        ...[delivery('m2', 'one'), delivery('m3', 'one', { state: 'delivered' })],
        delivery('m3', 'off', { state: 'parked', parkedBecause: 'paused', endedAt: null }),
      ]);
    const id = await idOf(failed);
    expect(await batch(id, 0)).toEqual({ isDone: true, total: 4, done: 4, sent: 2 });
    expect(await statesOf()).toEqual({
      ...{ 'm1-one': 'pending', 'm1-off': 'parked', 'm1-removed': 'exhausted', 'm2-one': 'exhausted' },
      ...{ 'm3-one': 'delivered', 'm3-off': 'parked' },
    });
    const [row] = await database.orm.select().from(deliveries).where(eq(deliveries.id, 'm1-one'));
    expect(row).toMatchObject({ url: 'https://one.example/', scheduleFrom: 8, replays: 1, message: 'm1' });
    expect((await database.orm.select().from(replays))[0]).toMatchObject({ state: 'completed', endedAt: now });
  });

  it('is sent once, however often its attempt is repeated, also by two workers at once', async () => {
    await database.orm.insert(endpoints).values(endpoint('one'));
    const ids = Array.from({ length: 150 }, (_, index) => `m${String(index).padStart(3, '0')}`);
    await database.orm.insert(messages).values(ids.map((id) => message(id)));
    await database.orm.insert(deliveries).values(ids.map((id) => delivery(id, 'one')));
    const id = await idOf(failed);
    const first = { isDone: false, total: 150, done: 100, sent: 100 };
    expect(await Promise.all([batch(id, 0), batch(id, 0)])).toEqual([first, first]);
    // They fail again before the next batch, and are behind it.
    await database.orm.update(deliveries).set({ state: 'exhausted', endedAt: now });
    expect(await batch(id, 0)).toEqual(first);
    const last = { isDone: true, total: 150, done: 150, sent: 150 };
    expect(await batch(id, 1)).toEqual(last);
    expect(await batch(id, 2)).toEqual(last);
    expect(new Set(Object.values(await statesOf('replays')))).toEqual(new Set([1]));
  });

  it('keeps the order of deliveries that have one', async () => {
    await database.orm.insert(endpoints).values(endpoint('one', { policy: { ordering: { fifo: 'data.orderId' } } }));
    await database.orm
      .insert(messages)
      .values([message('m2', { createdAt: at(2) }), message('m1', { createdAt: at(1) })]);
    const orderKey = 'INV-1';
    await database.orm
      .insert(deliveries)
      .values([
        delivery('m2', 'one', { orderKey, createdAt: at(2) }),
        delivery('m1', 'one', { orderKey, createdAt: at(1) }),
      ]);
    await batch(await idOf(failed), 0);
    expect(await statesOf()).toEqual({ 'm1-one': 'pending', 'm2-one': 'parked' });
    expect(await statesOf('parkedBecause')).toEqual({ 'm1-one': null, 'm2-one': 'order' });
  });

  it('sends what an endpoint has missed since it was created: by its patterns, its filter and its tenant', async () => {
    const filter = { '>': [{ var: 'data.amount' }, 3] };
    await database.orm
      .insert(endpoints)
      .values([
        endpoint('late', { createdAt: at(3), policy: { filter } }),
        endpoint('other', { tenant: 'acme', createdAt: at(3) }),
      ]);
    const cheap = '{"type":"order.paid","data":{"amount":1}}';
    await database.orm
      .insert(messages)
      .values([
        message('before', { createdAt: at(2) }),
        message('small', { createdAt: at(4), body: cheap }),
        message('missed', { createdAt: at(5) }),
        message('had', { createdAt: at(5) }),
        message('of-acme', { createdAt: at(5), tenant: 'acme' }),
        message('emptied', { createdAt: at(5), body: '' }),
        message('forwarded', { createdAt: at(5), type: 'forward.stripe.charge', body: '', raw: Buffer.from('{}') }),
      ]);
    await database.orm.insert(deliveries).values(delivery('had', 'late', { state: 'delivered' }));
    const id = await idOf(missed('late'));
    expect(await batch(id, 0)).toEqual({ isDone: true, total: 2, done: 2, sent: 1 });
    const rows = await database.orm.select().from(deliveries).where(eq(deliveries.state, 'pending'));
    expect(rows).toMatchObject([{ message: 'missed', endpoint: 'late', createdAt: at(5), claimedUntil: null }]);
    expect(await ask(missed('late'))).toMatchObject({ total: 1 }); // What the filter leaves out stays missing.
    expect(await ask(missed('late', { since: at(0).toISOString() }))).toMatchObject({ total: 2 });
    expect(await ask(missed('other'), { tenant: 'acme' })).toMatchObject({ total: 1 });
  });

  it('sends a forwarded request that has several messages once', async () => {
    await database.orm.insert(endpoints).values(endpoint('late', { patterns: ['forward.*'] }));
    const request = { type: 'forward.stripe.charge', body: '', raw: Buffer.from('{"a":1}'), deliveryKey: 'request' };
    await database.orm.insert(messages).values([message('m1', request), message('m2', request)]);
    expect(await batch(await idOf(missed('late')), 0)).toEqual({ isDone: true, total: 2, done: 2, sent: 1 });
    expect(await database.orm.$count(deliveries)).toBe(1);
  });

  it('ends a replay whose endpoint was removed, and sends nothing for one that was canceled', async () => {
    await database.orm.insert(endpoints).values(endpoint('late'));
    await database.orm.insert(messages).values(message('m1'));
    const [removed, canceled] = [await idOf(missed('late')), await idOf(missed('late'))];
    await database.orm.update(replays).set({ state: 'canceled', endedAt: now }).where(eq(replays.id, canceled));
    expect(await batch(canceled, 0)).toMatchObject({ isDone: true, sent: 0 });
    await database.orm.delete(endpoints);
    expect(await batch(removed, 0)).toMatchObject({ isDone: true, sent: 0 });
    expect(await database.orm.$count(deliveries)).toBe(0);
  });

  it.each([
    ['of another definition', { definition: 'order-paid' }],
    ['of no definition', { definition: undefined }],
  ])('is refused to a run %s', async (_name, context) => {
    await database.orm.insert(messages).values(message('m1'));
    await database.orm.insert(deliveries).values(delivery('m1', 'one'));
    await expect(batch(await idOf(failed), 0, context)).rejects.toMatchObject({ type: 'RunRefused' });
    await expect(batch('rpl_unknown', 0)).rejects.toMatchObject({ type: 'RunRefused' });
    expect(await statesOf()).toEqual({ 'm1-one': 'exhausted' });
  });
});

describe('the API', () => {
  const asking = (more: Partial<Parameters<typeof openApi>[0]> = {}) =>
    openApi({
      ...{ database, askReplay: (request) => askReplay(database, request), lookAtRun: () => Promise.resolve(null) },
      ...more,
    });
  const post = (path: string, body: object, headers: Record<string, string> = {}) => ({
    ...{ method: 'POST' as const, url: `/api/v1/replays${path}` },
    ...{ headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) },
  });
  const reason = 'the shop was down';

  it.each<[string, object, string]>([
    ['without a reason', { since: '2026-01-01T00:00:00Z' }, 'invalid-request'],
    ['of everything ever', { reason }, 'invalid-request'],
    ['of what is missing anywhere', { reason, missing: true, since: '2026-01-01T00:00:00Z' }, 'invalid-request'],
    ['of missing ones in a state', { reason, missing: true, endpoint: 'x', states: ['refused'] }, 'invalid-request'],
    ['of those under way', { reason, endpoint: 'x', states: ['pending'] }, 'invalid-request'],
    ['of no state', { reason, endpoint: 'x', states: [] }, 'invalid-request'],
    ['since no time', { reason, since: 'yesterday' }, 'invalid-request'],
    ['with garbage', { reason, endpoint: { $ne: 1 }, everything: true }, 'invalid-request'],
  ])('refuses a replay %s', async (_name, body, code) => {
    expect(await asking()(post('', body))).toMatchObject({ status: 400, body: { code } });
    expect(await database.orm.$count(replays)).toBe(0);
  });

  it('knows no missing webhooks of an unknown endpoint', async () => {
    const answer = await asking()(post('', { reason, missing: true, endpoint: 'nobody' }));
    expect(answer).toEqual({ status: 404, body: problem(404, 'not-found', 'There is no such endpoint.') });
  });

  it('hides a replay from other tenants, and shows a tenant nothing of runs', async () => {
    await database.orm.insert(endpoints).values(endpoint('two', { tenant: 'acme' }));
    await database.orm.insert(messages).values(message('m1', { tenant: 'acme' }));
    await database.orm.insert(deliveries).values(delivery('m1', 'two', { tenant: 'acme' }));
    const of = (tenant: string) => ({
      authorization: `Bearer ${portalToken(testInstallation, { tenant, expiresMs: Date.now() + 60_000, generation: 1 })}`,
    });
    const api = asking();
    const asked = await api(post('', { reason, endpoint: 'two' }, of('acme')));
    expect(asked).toMatchObject({ status: 200, body: { total: 1, run: null } });
    const { id } = asked.body as { id: string };
    expect(await api(post('', { reason, endpoint: 'two' }, of('acme')))).toMatchObject({
      ...{ status: 409, body: { code: 'under-way', detail: expect.stringContaining(id) as string } },
    });
    const url = `/api/v1/replays/${id}`;
    expect(await api({ url, headers: of('acme') })).toMatchObject({
      status: 200,
      body: { state: 'pending', run: null },
    });
    expect(await api({ url, headers: of('other') })).toMatchObject({ status: 404 });
    expect(await api({ url: '/api/v1/replays', headers: of('other') })).toMatchObject({ body: { items: [] } });
    expect(await api({ url: '/api/v1/replays' })).toMatchObject({ body: { items: [{ id, tenant: 'acme' }] } });
    const others = ['pause', 'resume', 'cancel'].map((verb) => api(post(`/${id}/${verb}`, { reason }, of('other'))));
    expect((await Promise.all(others)).map(({ status }) => status)).toEqual([404, 404, 404]);
    expect(await api(post(`/${id}/pause`, { reason }, of('acme')))).toMatchObject({
      ...{ status: 409, body: { code: 'not-started' } },
    });
    expect(await api(post(`/${id}/cancel`, { reason }, of('acme')))).toMatchObject({ body: { state: 'canceled' } });
    expect(await api(post(`/${id}/cancel`, { reason }, of('acme')))).toMatchObject({
      ...{ status: 409, body: { code: 'ended' } },
    });
    expect((await database.orm.select().from(audit)).map(({ action }) => action)).toEqual([
      'retry-deliveries',
      'cancel',
    ]);
  });
});

describe('a replay on a real Temporal', () => {
  let connection: NativeConnection;
  let client: Client;
  let worker: RunningWorker;
  let starter: ReplayStarter;
  const installation = { ...testInstallation, id: `replay-${process.pid}` };
  const workflows = () => client.workflow;
  beforeAll(async () => {
    const { address, namespace } = inject('temporal');
    installRuntime(pino({ level: 'silent' }));
    connection = await NativeConnection.connect({ address });
    client = new Client({ connection, namespace });
    await ensureSearchAttributes(connection, namespace);
    const workflowId = () => activityInfo().workflowExecution?.workflowId ?? null;
    const runId = () => activityInfo().workflowExecution?.runId ?? null;
    worker = await startWorker({
      ...{ connection, namespace, installation: installation.id, cachedRuns: 10, concurrentActivities: 5 },
      bundle: builtInterpreter,
      activities: authorized(
        {
          ...createReplayActivities({ database, clock: () => new Date(), workflowId }),
          ...createCommandActivities({ database, installation, workflowId, runId }),
        },
        { installation, workflowId, definitionName: () => Promise.resolve(undefined) },
      ),
      deliveryActivities: { 'outbound.deliver': () => Promise.resolve() },
    });
    const startRun = createStartRun({ client, installation, eager: false });
    starter = createReplayStarter({ database, startRun, log: pino({ level: 'silent' }) });
  });
  afterAll(async () => {
    await worker.stop();
    await connection.close();
  });
  const looking = () => {
    const { namespace } = inject('temporal');
    return { database, installation: installation.id, lookAtRun: createLookAtRun({ client, connection, namespace }) };
  };
  const api = () => {
    const { lookAtRun } = looking();
    return openApi({
      ...{ database, installation, lookAtRun, askReplay: (request) => askReplay(database, request) },
      commandRun: (...given) => commandRun({ installation, workflows }, ...given),
      endRun: (...given) => endRun({ database, workflows }, ...given),
    });
  };
  const steer = async (id: string, verb: string) =>
    api()({
      ...{ method: 'POST', url: `/api/v1/replays/${id}/${verb}`, headers: { 'content-type': 'application/json' } },
      body: JSON.stringify({ reason: 'to be sure' }),
    });
  const endsAs = (id: string, wanted: object) =>
    vi.waitFor(async () => expect(await findReplay(looking(), id, null)).toMatchObject(wanted), {
      ...{ timeout: 60_000, interval: 200 },
    });
  const fill = async (count: number) => {
    const ids = Array.from({ length: count }, (_, index) => `m${String(index).padStart(4, '0')}`);
    await database.orm.insert(endpoints).values(endpoint('one'));
    await database.orm.insert(messages).values(ids.map((id) => message(id)));
    await database.orm.insert(deliveries).values(ids.map((id) => delivery(id, 'one')));
  };

  it('runs once, however many processes start it, and shows its progress to the end', async () => {
    await fill(250);
    const id = await idOf(failed);
    await Promise.all([starter.startAll(), starter.startAll()]);
    await endsAs(id, { state: 'completed', total: 250, done: 250, sent: 250 });
    expect(new Set(Object.values(await statesOf()))).toEqual(new Set(['pending']));
    expect(new Set(Object.values(await statesOf('replays')))).toEqual(new Set([1]));
    expect(await steer(id, 'pause')).toMatchObject({ status: 409, body: { code: 'ended' } });
  });

  it('is paused, goes on, and is canceled', async () => {
    await fill(450);
    const id = await idOf(failed);
    await starter.startAll();
    await endsAs(id, { done: 100 });
    expect(await steer(id, 'pause')).toMatchObject({ status: 200, body: { state: 'paused' } });
    expect(await steer(id, 'pause')).toMatchObject({ status: 409, body: { code: 'already-paused' } });
    expect(await steer(id, 'resume')).toMatchObject({ status: 200 });
    await endsAs(id, { done: 200 });
    expect(await steer(id, 'cancel')).toMatchObject({ status: 200, body: { state: 'canceled' } });
    const run = client.workflow.getHandle(`${installation.id}/kait-replay/kait/${id}`);
    await expect(run.result()).rejects.toThrow();
    expect((await run.describe()).status.name).toBe('CANCELLED');
    expect(Object.values(await statesOf()).filter((state) => state === 'exhausted').length).toBeGreaterThanOrEqual(150);
    const actions = (await database.orm.select().from(audit).orderBy(asc(audit.id))).map(({ action }) => action);
    expect(actions).toEqual(['retry-deliveries', 'pause', 'resume', 'cancel']);
  });
});
