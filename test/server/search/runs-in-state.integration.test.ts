import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { RunLook } from '../../../server/runs/look-at-run.ts';
import type { FoundRuns } from '../../../server/search/runs-in-state.ts';
import type { Database } from '../../../storage/database.ts';
import { events, rescues, runs } from '../../../storage/schema.ts';
import { openTestDatabase } from '../../services/open-test-database.ts';
import { openApi, problem } from '../api/api-fixture.ts';
import { insertEvent } from '../stored-events.ts';

/* The filters of `GET /runs` by what only Temporal knows. */

let database: Database;
let looks: Record<string, Partial<RunLook>>;
let pages: FoundRuns[];
let queries: [query: string, next: string | null][];
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  for (const table of [rescues, runs, events]) await database.orm.delete(table);
  [looks, pages, queries] = [{}, [], []];
});

function open({ showsState = true } = {}) {
  return openApi({
    database,
    showsState: () => showsState,
    lookAtRun: (workflowId) => {
      const look = looks[workflowId];
      return Promise.resolve(
        look === undefined
          ? null
          : { status: 'RUNNING', state: 'running', step: null, why: null, startedAt: null, ...look },
      );
    },
    queryRuns: (query, { next }) => {
      queries.push([query, next === null ? null : Buffer.from(next).toString()]);
      return Promise.resolve(pages.shift() ?? { runs: [], next: null });
    },
  });
}

/** Stores an event with its run, `kait-test/order/stripe/<id>`. */
async function store(id: string, look: Partial<RunLook>, orderId = 'INV-1'): Promise<string> {
  const event = await insertEvent(database, { eventId: id, source: 'stripe', type: 'payment.succeeded', orderId });
  const workflowId = `kait-test/order/stripe/${id}`;
  const startedAt = new Date('2026-01-01T00:00:00Z');
  await database.orm.insert(runs).values({ workflowId, event, definition: 'order', definitionHash: 'h', startedAt });
  looks[workflowId] = look;
  return workflowId;
}

const found = (workflowId: string, more: Partial<FoundRuns['runs'][number]> = {}) => ({
  ...{ workflowId, definition: 'order', parent: null, isDetached: false, startedAt: null, closedAt: null },
  ...more,
});

async function list(query: string, deps?: { showsState: boolean }) {
  return open(deps)({ url: `/api/v1/runs?${query}` }) as Promise<{
    status: number;
    body: { items: { workflowId: string; state: string }[]; next: string | null };
  }>;
}

it.each([
  ['state=parked', 'ExecutionStatus="Running" AND KaitState="parked"'],
  ['state=running', 'ExecutionStatus="Running" AND KaitState IS NULL'],
  ['state=failed&definition=order', 'ExecutionStatus IN ("Failed", "TimedOut") AND WorkflowType="order"'],
  ['state=failed&step=tell', 'ExecutionStatus IN ("Failed", "TimedOut")'],
  ['state=canceled', 'ExecutionStatus="Canceled"'],
  ['step=tell', 'ExecutionStatus="Running" AND (KaitStep="tell" OR KaitStep STARTS_WITH "tell/")'],
  [
    'state=completed&since=2026-01-01T07:00:00%2B07:00',
    'ExecutionStatus="Completed" AND StartTime >= "2026-01-01T00:00:00.000Z"',
  ],
])('asks Temporal for %s', async (query, asked) => {
  expect((await list(query)).status).toBe(200);
  expect(queries).toEqual([[asked, null]]);
});

it('lists the runs of a state with what they are about, child runs included', async () => {
  const above = await store('evt_1', { state: 'running' });
  const child = `${above}/pay`;
  looks[child] = { state: 'parked', step: 'tell', startedAt: new Date('2026-01-02T00:00:00Z') };
  pages = [{ runs: [found(child, { definition: 'pay', parent: above })], next: null }];
  expect((await list('state=parked')).body).toMatchObject({
    items: [
      {
        ...{ workflowId: child, definition: 'pay', definitionHash: null, parent: above, orderId: 'INV-1' },
        ...{ state: 'parked', step: 'tell', startedAt: '2026-01-02T00:00:00.000Z' },
      },
    ],
    next: null,
  });
});

it('leaves out child runs that have failed, since their parents have', async () => {
  const above = await store('evt_1', { state: 'failed' });
  looks[`${above}/pay`] = { state: 'failed' };
  pages = [{ runs: [found(`${above}/pay`, { parent: above }), found(above)], next: null }];
  expect((await list('state=failed')).body.items).toMatchObject([{ workflowId: above }]);
});

it.each(['failed', 'completed', 'canceled', 'terminated'] as const)(
  'lists detached child runs that are %s, because no run waits for them',
  async (state) => {
    const above = await store('evt_1', { state: 'completed' });
    const child = `${above}/tell`;
    looks[child] = { state, step: 'call', why: 'HTTP 503', startedAt: new Date('2026-01-02T00:00:00Z') };
    pages = [{ runs: [found(child, { definition: 'tell', parent: above, isDetached: true })], next: null }];
    expect((await list(`state=${state}`)).body.items).toMatchObject([
      { workflowId: child, definition: 'tell', parent: above, orderId: 'INV-1', state, step: 'call', why: 'HTTP 503' },
    ]);
  },
);

it('leaves out what is in another state by now, and what Kait does not know', async () => {
  const id = await store('evt_1', { state: 'completed' });
  pages = [{ runs: [found(id), found('kait-test/order/stripe/unknown')], next: null }];
  expect((await list('state=parked')).body).toEqual({ items: [], next: null });
});

it('tells those that were retried from those that have failed', async () => {
  const ids = [await store('evt_1', { state: 'failed' }), await store('evt_2', { state: 'failed' })];
  const [event] = await database.orm.select().from(events);
  const row = { event: event!.id, definition: 'order', definitionHash: 'h' };
  await database.orm.insert(rescues).values([
    { ...row, workflowId: `${ids[0]}/kait:retry-1`, retryOf: ids[0]!, root: ids[0]!, number: 1 },
    { ...row, workflowId: `${ids[1]}/kait:retry-1`, retryOf: ids[1]!, root: ids[1]!, number: 1, state: 'refused' },
  ]);
  const page = { runs: ids.map((id) => found(id)), next: null };
  pages = [page, page];
  expect((await list('state=failed')).body.items).toMatchObject([{ workflowId: ids[1], retriedAs: null }]);
  expect((await list('state=retried')).body.items).toMatchObject([
    { workflowId: ids[0], state: 'retried', retriedAs: `${ids[0]}/kait:retry-1` },
  ]);
});

it('goes on where Temporal has stopped, and takes no position that it has not given', async () => {
  const ids = [await store('evt_1', { state: 'parked' }), await store('evt_2', { state: 'parked' })];
  pages = ids.map((id, index) => ({ runs: [found(id)], next: [Buffer.from('token'), null][index]! }));
  const first = await list('state=parked&limit=1');
  expect(first.body.items).toMatchObject([{ workflowId: ids[0] }]);
  const second = await list(`state=parked&limit=1&cursor=${first.body.next}`);
  expect(second.body).toMatchObject({ items: [{ workflowId: ids[1] }], next: null });
  expect(queries.map(([, next]) => next)).toEqual([null, 'token']);
  expect((await list(`state=waiting&limit=1&cursor=${first.body.next}`)).status).toBe(400);
});

it('ends an answer although nothing was found, if many others were in the way', async () => {
  pages = Array.from({ length: 30 }, () => ({ runs: [], next: Buffer.from('more') }));
  const { body } = await list('state=retried');
  expect(body).toEqual({ items: [], next: expect.any(String) });
  expect(queries).toHaveLength(25);
});

it('looks at the runs of an order, and does not ask Temporal for all', async () => {
  const ids = [await store('evt_1', { state: 'failed', step: 'tell' }), await store('evt_2', { state: 'parked' })];
  await store('evt_3', { state: 'failed', step: 'tell' }, 'INV-2');
  expect((await list('state=failed&order=INV-1&step=tell')).body).toMatchObject({
    items: [{ workflowId: ids[0] }],
    next: null,
  });
  const first = await list('order=INV-1&limit=1&state=parked');
  expect(first.body).toMatchObject({ items: [{ workflowId: ids[1] }] });
  expect(await list(`order=INV-1&limit=1&state=parked&cursor=${first.body.next}`)).toMatchObject({
    body: { items: [], next: null },
  });
  expect(queries).toEqual([]);
});

it.each(['state=waiting', 'step=tell'])('says that Temporal cannot tell %s', async (query) => {
  const { status, body } = await list(query, { showsState: false });
  expect(status).toBe(409);
  expect(body).toEqual(problem(409, 'state-not-shown'));
});

it.each(['state=failed', 'state=running'])(
  'lists %s although Temporal does not show what runs wait for',
  async (query) => {
    expect((await list(query, { showsState: false })).status).toBe(200);
    expect(queries[0]?.[0]).not.toContain('KaitState');
  },
);

it.each([
  'state=Parked',
  'state=parked&state=failed',
  'state=',
  'step=%22%20OR%20WorkflowId%20STARTS_WITH%20%22',
  `step=${'a'.repeat(257)}`,
  'step=',
  'step=a%00',
  'failed=true',
])('refuses %s', async (query) => {
  expect((await list(query)).status).toBe(400);
  expect(queries).toEqual([]);
});
