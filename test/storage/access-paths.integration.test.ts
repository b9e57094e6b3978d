import { drizzle } from 'drizzle-orm/node-postgres';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { endUnfinished } from '../../activities/outbound/end-unfinished.ts';
import { endpointFacts } from '../../activities/outbound/notices/notice-data.ts';
import { createDeliveryRecovery } from '../../activities/outbound/delivery-recovery.ts';
import { createParkedRelease } from '../../activities/outbound/release-parked.ts';
import { forwardOnce } from '../../activities/webhooks-forward.ts';
import { createBacklog } from '../../server/backlog.ts';
import { readFigures } from '../../server/figures.ts';
import { countDeliveries } from '../../server/count-deliveries.ts';
import { createInbox } from '../../server/inbox.ts';
import { listDeliveries } from '../../server/deliveries/list-deliveries.ts';
import { countRejections, listEvents, listRejections } from '../../server/records.ts';
import { replayEvent } from '../../server/replay-event.ts';
import { find } from '../../server/search/find.ts';
import { listRuns } from '../../server/search/list-runs.ts';
import { replaceHeld } from '../../server/replace-held.ts';
import { newestRowId, selectKnown, selectRelated, selectRows } from '../../server/reread/stored-row.ts';
import { runAgain } from '../../server/run-again.ts';
import { countWaiting, releaseWaiting } from '../../server/served-definitions.ts';
import { showEvent } from '../../server/show-event.ts';
import { findStuck } from '../../server/stuck.ts';
import { createCorrelate } from '../../server/waits/correlate-events.ts';
import { createHandover } from '../../server/waits/hand-over.ts';
import type { Database } from '../../storage/database.ts';
import { openPostgres } from '../../storage/open-postgres.ts';
import { applyRetention } from '../../storage/retention.ts';
import * as schema from '../../storage/schema.ts';
import { findStored } from '../../storage/waits/find-stored.ts';
import { claimEvent, closeWait, openWait } from '../../storage/waits/open-waits.ts';
import { newEvent } from '../server/sample-event.ts';
import { startPostgres, type PostgresServer } from '../services/postgres.ts';
import type { TurnRules } from '../../language/turns.ts';
import { countTurns } from '../../server/turns/count-turns.ts';
import { listKeys } from '../../server/turns/list-keys.ts';
import { createTurnKeeper } from '../../server/turns/keep-turns.ts';
import type { SqlValue } from '../../storage/database.ts';
import { endTurn } from '../../storage/turns/end-turn.ts';
import { takeTurns } from '../../storage/turns/take-turns.ts';
import { fillTables } from './fill-tables.ts';

interface Statement {
  sql: string;
  values: unknown[];
}

let server: PostgresServer;
let client: pg.Client;
/** What the function under test has run. */
let recorded: Statement[];
let database: Database;

beforeAll(async () => {
  server = await startPostgres({ fsync: 'off' });
  const url = await server.createDatabase('million');
  await (await openPostgres(url, { connections: 1, onError: () => undefined })).close();
  client = new pg.Client({ connectionString: url });
  await client.connect();
  await fillTables(client, { events: 1_000_000 });
  database = {
    kind: 'postgres',
    orm: drizzle(client, { schema, logger: { logQuery: (sql, values) => recorded.push({ sql, values }) } }),
    async run<Row>(name: string, sql: string, values: unknown[]) {
      recorded.push({ sql, values });
      // A sweep would go on to the end of the table. Its first batch has the plan of all.
      if (name.startsWith('retain-')) return [{ alone: true, looked: 0, changed: 0 }] as Row[];
      return (await client.query(sql, values)).rows as Row[]; // As the real one does.
    },
    transact: (work) =>
      work({
        async query<Row>(sql: string, values: readonly SqlValue[] = []) {
          recorded.push({ sql, values: [...values] });
          return (await client.query(sql, [...values])).rows as Row[]; // As the real one does.
        },
      }),
    ping: () => Promise.resolve(),
    failed: null,
    close: () => Promise.resolve(),
  };
}, 600_000);
afterAll(async () => {
  await client.end();
  await server.stop();
});

interface Plan {
  'Shared Hit Blocks': number;
  'Shared Read Blocks': number;
}

/** Pages of 8 KiB that a statement looks at. A table of a million events has tens of thousands, and each of its indexes thousands. */
async function pagesOf({ sql, values }: Statement): Promise<number> {
  if (/^(begin|commit|rollback)/i.test(sql)) return 0;
  const explain = `explain (analyze, buffers, format json) ${sql}`;
  await client.query('begin');
  try {
    const { rows } = await client.query<{ 'QUERY PLAN': [{ Plan: Plan }] }>(explain, values);
    const [{ Plan: plan }] = rows[0]!['QUERY PLAN'];
    return plan['Shared Hit Blocks'] + plan['Shared Read Blocks'];
  } finally {
    await client.query('rollback');
  }
}

const key = { source: 'shop-1', eventId: 'evt_900011' };
const backlog = () => createBacklog({ database, readData: () => () => null, random: () => 0.5 });
const retain = (now: string) =>
  applyRetention(database, [{ source: 'shop-1', keepBodiesMs: 86_400_000, keepEventsMs: 86_400_000 }], {
    now: new Date(now),
    pause: () => Promise.resolve(),
  });
const wait = {
  ...{ workflowId: 'kait-1/remind/shop/5', step: 'settled', types: ['payment.succeeded'], sources: ['shop-5'] },
  ...{ match: { 'event.payment.id': 'pi_5' }, lookBackMs: 0, untilMs: Date.parse('2099-01-01') },
  own: { source: 'shop-5', eventId: 'evt_5', live: null },
};
const awaited = { rowId: 900_000, event: newEvent().event };
const looking = { harmless: ['no run waits for it'], readData: () => () => null };
async function sendHandovers(own: Database): Promise<void> {
  const handover = createHandover({
    ...{ database: own, readData: () => () => null, concurrency: 5, pollMs: 1_000_000, log: { warn: () => undefined } },
    send: () => Promise.resolve({ kind: 'sent' }),
  });
  handover.wake();
  await handover.stop();
}
const rules: TurnRules = {
  ...{ types: ['payment.succeeded'], sources: null, perKey: 'latest', debounceMs: null },
  ...{ rate: { max: 10, perMs: 1_000 }, concurrent: 1_000_000, onPoison: 'skip' },
};
const turn = { definition: 'order', rules };
const keepTurns = async (own: Database): Promise<void> => {
  const keeper = createTurnKeeper({
    ...{ database: own, served: noDefinitions, findLaggards: () => Promise.resolve(new Map()) },
    ...{ runEnd: () => Promise.resolve('running' as const), given: () => undefined },
    log: { warn: () => undefined, info: () => undefined },
  });
  keeper.start();
  await keeper.stop();
};
const releaseParked = () =>
  createParkedRelease({
    ...{ database, clock: () => new Date('2026-12-15T00:00:00Z'), log: { warn: () => undefined }, intervalMs: 1_000 },
    ...{ deliveryStarter: { start: () => undefined }, keptMs: 30 * 86_400_000 },
  }).releaseAll();
const figuresAt = (now: string) =>
  readFigures({ database, queryRuns: () => Promise.resolve({ runs: [], next: null }), now: () => new Date(now) });
const noDefinitions = { definitions: [], awaited: [] };

const operations: [string, () => Promise<unknown>][] = [
  ['lists the newest events', () => listEvents(database, { limit: 50 })],
  ['lists failed events', () => listEvents(database, { limit: 50, state: 'failed' })],
  ['lists unreadable events', () => listEvents(database, { limit: 50, state: 'unreadable' })],
  ['lists ignored events', () => listEvents(database, { limit: 50, state: 'ignored' })],
  ['lists waiting events', () => listEvents(database, { limit: 50, state: 'waiting' })],
  ['lists pending events', () => listEvents(database, { limit: 50, state: 'pending' })],
  ['lists the events of a source', () => listEvents(database, { limit: 50, source: 'shop-1' })],
  ['lists the events of a source that sends no more', () => listEvents(database, { limit: 50, source: 'former' })],
  ['lists the events of a source that nobody has', () => listEvents(database, { limit: 50, source: 'none' })],
  [
    'lists the failed events of a source that sends no more',
    () => listEvents(database, { limit: 50, source: 'former', state: 'failed' }),
  ],
  [
    'lists the ignored events of a source that sends no more',
    () => listEvents(database, { limit: 50, source: 'former', state: 'ignored' }),
  ],
  [
    'goes on with the runs of a source that sends no more',
    () => listRuns(database, { limit: 50, source: 'former', after: [290_000, 190_000] }),
  ],
  [
    'goes on with the events of a currency',
    () => listEvents(database, { limit: 50, currency: 'USD', after: [550_000] }),
  ],
  [
    'lists the ignored events of a rare source',
    () => listEvents(database, { limit: 50, source: 'rare', state: 'ignored' }),
  ],
  ['lists the queued events of a source', () => listEvents(database, { limit: 50, source: 'shop-1', state: 'queued' })],
  ['lists dispatched events', () => listEvents(database, { limit: 50, state: 'dispatched' })],
  [
    'lists the dispatched events of a source that sends no more',
    () => listEvents(database, { limit: 50, source: 'former', state: 'dispatched' }),
  ],
  ['lists the failed events of a source', () => listEvents(database, { limit: 50, source: 'rare', state: 'failed' })],
  ['lists runs', () => listRuns(database, { limit: 50 })],
  ['lists the runs of a definition', () => listRuns(database, { limit: 50, definition: 'rare' })],
  ['lists the runs of a definition that was removed', () => listRuns(database, { limit: 50, definition: 'former' })],
  ['lists the runs of a source that sends no more', () => listRuns(database, { limit: 50, source: 'former' })],
  [
    'lists the runs of a definition for a source that sends no more',
    () => listRuns(database, { limit: 50, source: 'former', definition: 'order' }),
  ],
  [
    'lists the runs of a source and an hour',
    () => listRuns(database, { limit: 50, source: 'rare', since: '2026-12-01T00:00:00Z' }),
  ],
  ['lists the runs of a source', () => listRuns(database, { limit: 50, source: 'rare' })],
  ['lists the runs of an hour', () => listRuns(database, { limit: 50, since: '2026-12-01T00:00:00Z' })],
  ['goes on with the list of runs', () => listRuns(database, { limit: 50, after: ['2026-03-01 00:00:00+00', 500] })],
  ['goes on with the runs of a source', () => listRuns(database, { limit: 50, source: 'rare', after: [5_000, 500] })],
  ['lists the runs of an order', () => listRuns(database, { limit: 50, order: 'INV-300000' })],
  ['lists the runs of a payment', () => listRuns(database, { limit: 50, payment: 'pi_450000' })],
  ['lists the runs of a customer', () => listRuns(database, { limit: 50, customer: 'sari@shop.example' })],
  [
    'lists the runs of an amount',
    () => listRuns(database, { limit: 50, amount: { currency: 'IDR', amount: 2_500_000 } }),
  ],
  ['lists the runs of a rare currency', () => listRuns(database, { limit: 50, currency: 'JPY' })],
  ['lists the runs of a currency that nothing has', () => listRuns(database, { limit: 50, currency: 'CHF' })],
  ['lists the runs of a currency that is used no more', () => listRuns(database, { limit: 50, currency: 'USD' })],
  ['lists the events of a currency that is used no more', () => listEvents(database, { limit: 50, currency: 'USD' })],
  ['lists the events of a payment', () => listEvents(database, { limit: 50, payment: 'pi_450000' })],
  [
    'lists the events of an amount',
    () => listEvents(database, { limit: 50, amount: { currency: 'IDR', amount: 2_500_000 } }),
  ],
  ['lists the events of an order', () => listEvents(database, { limit: 50, order: 'INV-300000' })],
  ['lists the events of a customer', () => listEvents(database, { limit: 50, customer: 'sari@shop.example' })],
  ['lists the events of a rare currency', () => listEvents(database, { limit: 50, currency: 'JPY' })],
  ['finds an order', () => find(database, 'INV-300000')],
  ['finds an address', () => find(database, 'A5000@b.example')],
  ['finds an amount', () => find(database, 'IDR 2,500,000.00')],
  ['finds an event', () => find(database, 'evt_900011')],
  ['finds a run', () => find(database, 'kait-1/order/shop/5000')],
  ['finds a delivery', () => find(database, 'dlv_5000')],
  ['lists deliveries', () => listDeliveries(database, { limit: 50, tenant: null })],
  ['lists refused deliveries', () => listDeliveries(database, { limit: 50, states: ['refused'], tenant: null })],
  [
    'lists the deliveries of an order',
    () => listDeliveries(database, { limit: 50, order: 'INV-300000', tenant: null }),
  ],
  [
    'lists the deliveries of a run',
    () => listDeliveries(database, { limit: 50, run: 'kait-1/order/shop/5000', tenant: null }),
  ],
  [
    'lists the deliveries to an endpoint',
    () => listDeliveries(database, { limit: 50, endpoint: 'ep_1', tenant: null }),
  ],
  ['counts deliveries', () => countDeliveries(database, 100_000)],
  ['finds what is stuck', () => findStuck(database, ['shop-1', 'rare', 'former', 'none'], 100_000)],
  ['counts the last hour', () => figuresAt('2026-12-14T05:00:00Z')],
  ['counts an hour that had more than is counted', () => figuresAt('2020-01-01T00:00:00Z')],
  ['releases parked deliveries, and gives up those that are too old', releaseParked],
  ['lists rejections', () => listRejections(database, { limit: 50 })],
  ['lists a later page of events', () => listEvents(database, { limit: 50, after: [500_000] })],
  ['lists a later page of failed events', () => listEvents(database, { limit: 50, after: [5], state: 'failed' })],
  ['lists a later page of runs', () => listRuns(database, { limit: 50, after: ['2026-01-01 00:00:00+00', 5] })],
  [
    'lists a later page of deliveries',
    () => listDeliveries(database, { limit: 50, after: ['2026-01-01 00:00:00+00', 'dlv_1'], tenant: null }),
  ],
  ['counts rejections', () => countRejections(database, {})],
  ['shows an event', () => showEvent({ database, presets: new Map() }, key, { raw: false })],
  ['replays an event', () => replayEvent({ database, served: noDefinitions }, key)],
  [
    'runs an event again',
    () => runAgain({ database, served: noDefinitions, installation: 'kait-1' }, { ...key, reason: 'r', actor: 'a' }),
  ],
  ['selects events to read again', () => selectRows(database, {}, { after: 0, upTo: 2_000_000 })],
  [
    'selects the events of a source since a day to read again',
    () => selectRows(database, { source: 'rare', since: '2026-03-01T00:00:00Z' }, { after: 500, upTo: 2_000_000 }),
  ],
  ['selects one event to read again', () => selectRows(database, key, { after: 0, upTo: 2_000_000 })],
  ['finds the newest event', () => newestRowId(database)],
  ['finds runs about the same thing', () => selectRelated(database, [{ source: 'shop-1', entity: 'pi_450005' }])],
  ['finds known events', () => selectKnown(database, [newEvent({ id: 'evt_900011', source: 'shop-1' })])],
  ['claims pending events', () => backlog().claim({ count: 64 })],
  ['claims pending events from anywhere', () => backlog().claim({ count: 64, spread: true })],
  ['counts pending events', () => backlog().size()],
  [
    'gives events back',
    () =>
      backlog().giveBack([
        { rowId: 5, event: newEvent().event, runs: [], bytes: 100, doubtfulSince: null, startLeft: false },
      ]),
  ],
  ['counts waiting events', () => countWaiting(database, 100_000)],
  ['releases waiting events', () => releaseWaiting(database, ['workflows/shop.json'])],
  [
    'stores a webhook, and the same again',
    async () => {
      const inbox = createInbox({ database, wantsClaim: () => false, onStored: () => undefined });
      await inbox.store(newEvent({ id: 'evt_new' }));
      await inbox.store(newEvent({ id: 'evt_new' }));
    },
  ],
  ['replaces a held event', () => replaceHeld(database, [newEvent({ id: 'evt_5' })], () => false)],
  [
    'records what was dispatched',
    () =>
      backlog().finish(
        { rowId: 5, event: newEvent().event, runs: [], bytes: 100, doubtfulSince: null, startLeft: false },
        { kind: 'done', runs: [{ workflowId: 'w', definition: 'd', definitionHash: 'h' }], duplicates: 0 },
      ),
  ],
  [
    'gives an event to the runs that wait for it',
    () => createCorrelate({ database, handed: () => undefined })(awaited),
  ],
  ['begins to wait', () => openWait(database, wait)],
  ['looks for an event that came before', () => findStored(database, wait, { ...looking, after: 500_000 })],
  ['looks for an event that came before it got keys', () => findStored(database, wait, { ...looking, after: 0 })],
  ['takes an event for a step', () => claimEvent(database, { ...wait, ...key })],
  ['ends a wait', () => closeWait(database, wait)],
  ['sends events to the runs that wait for them', () => sendHandovers(database)],
  [
    'takes a turn',
    () => takeTurns(database, [{ ...turn, workflowId: 'new', key: 'pi_10', event: 999_950 }], new Map()),
  ],
  ['ends a turn', () => endTurn(database, { workflowId: 'kait-1/order/shop/10', how: 'completed' })],
  ['keeps turns', () => keepTurns(database)],
  ['counts turns', () => countTurns(database, 1_000)],
  ['lists keys that runs wait for', () => listKeys(database, { limit: 50, definition: 'order' })],
  ['deletes what is too old, if little is', () => retain('2026-01-02T01:00:00Z')],
  ['deletes what is too old, if everything is', () => retain('2027-01-01T00:00:00Z')],
  [
    'forwards a request',
    () =>
      forwardOnce({ database, clock: () => new Date(), deliveryStarter: { start: () => undefined } }, key, {
        idempotencyKey: 'k',
        ...key,
      }),
  ],
  [
    'recovers deliveries',
    () =>
      createDeliveryRecovery({
        ...{ database, clock: () => new Date(), log: { warn: () => undefined }, intervalMs: 1_000, batchSize: 100 },
        deliveryStarter: { start: () => undefined },
      }).recoverOnce(),
  ],
  ['tells what waits for an endpoint', () => endpointFacts(database.orm, 'ep1')],
  [
    'ends the deliveries of an endpoint that was removed',
    () => endUnfinished(database.orm, { endpoint: 'ep1', tenant: null, endedAt: new Date('2026-12-15') }),
  ],
];

/** The most that it needs here. Batches change up to 200 rows, each with an entry in up to a dozen indexes. */
function mostPagesOf({ sql }: Statement): number {
  return /\b(insert|update|delete)\b/i.test(sql) ? 8_000 : 1_500;
}

it.each(operations)('%s and looks at few pages of a database with a million events', async (_name, operate) => {
  recorded = [];
  await client.query('begin');
  await operate();
  await client.query('rollback'); // So that a statement which inserts a row can do so again.
  expect(recorded).not.toEqual([]);
  const found: string[] = [];
  for (const statement of [...recorded]) {
    const pages = await pagesOf(statement);
    found.push(...(pages > mostPagesOf(statement) ? [`${pages} pages: ${statement.sql}`] : []));
  }
  expect(found).toEqual([]);
});
