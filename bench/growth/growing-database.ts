import pg from 'pg';
import type { CanonicalEvent } from '../../language/event.ts';
import { createBacklog } from '../../server/backlog.ts';
import { createInbox } from '../../server/inbox.ts';
import type { NewEvent } from '../../server/new-event.ts';
import { createCorrelate } from '../../server/waits/correlate-events.ts';
import type { Database } from '../../storage/database.ts';
import { openInstallation } from '../../storage/installation.ts';
import { openPostgres } from '../../storage/open-postgres.ts';
import type { PostgresServer } from '../../test/services/postgres.ts';
import { fillTables } from '../../test/storage/fill-tables.ts';
import { createStripeWebhooks, paidEvent } from '../stripe-payments.ts';

/** A database that has `events` events, and the means to add more. */
export interface GrowingDatabase {
  events: number;
  database: Database;
  /** Stores so many new events at once, and dispatches them as a poll does. Resolves to milliseconds for each event, by what was done. */
  takeEvents(count: number): Promise<Record<TimedStep, number>>;
  close(): Promise<void>;
}

export const timedSteps = ['store', 'claim', 'give to waiting runs', 'announce its start', 'record its run'] as const;
type TimedStep = (typeof timedSteps)[number];

const claimedTogether = 64;

/** Fills it with a shop's past year: see {@link fillTables}. With 0 events, it stays empty. */
export async function openGrowingDatabase(postgres: PostgresServer, events: number): Promise<GrowingDatabase> {
  const url = await postgres.createDatabase(`growth_${events}`);
  const database = await openPostgres(url, { connections: 4, onError: () => undefined });
  const { id: installation } = await openInstallation(database, null);
  if (events > 0) await fill(url, events);
  const inbox = createInbox({ database, wantsClaim: () => false, onStored: () => undefined });
  const backlog = createBacklog({ database, readData: () => () => null, random: Math.random });
  const correlate = createCorrelate({ database, handed: () => undefined });
  let taken = 0;

  async function dispatchSome(count: number, timed: Timed): Promise<number> {
    const { events: claimed } = await timed('claim', () => backlog.claim({ count }));
    await timed('give to waiting runs', () =>
      Promise.all(claimed.map(({ rowId, event }) => correlate({ rowId, event }))),
    );
    await timed('announce its start', () => Promise.all(claimed.map((each) => backlog.begin(each))));
    await timed('record its run', () =>
      Promise.all(
        claimed.map((each) => {
          const workflowId = `${installation}/fulfil-order/${each.event.source}/${each.event.id}`;
          const run = { workflowId, definition: 'fulfil-order', definitionHash: 'a'.repeat(64) };
          return backlog.finish(each, { kind: 'done', runs: [run], duplicates: 0 });
        }),
      ),
    );
    return claimed.length;
  }

  return {
    ...{ events, database },
    async takeEvents(count) {
      const entries = Array.from({ length: count }, (_, index) => entryOf(`${events}_${(taken += 1)}_${index}`));
      const { totals, timed } = createTimer();
      await timed('store', () => Promise.all(entries.map((entry) => inbox.store(entry))));
      let dispatched = 0;
      for (let found = 1; found > 0; dispatched += found) found = await dispatchSome(claimedTogether, timed);
      const each = (step: TimedStep) => totals[step] / (step === 'store' ? count : dispatched);
      return Object.fromEntries(timedSteps.map((step) => [step, each(step)])) as Record<TimedStep, number>;
    },
    close: () => database.close(),
  };
}

async function fill(url: string, events: number): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await fillTables(client, { events });
  } finally {
    await client.end();
  }
}

type Timed = <Result>(step: TimedStep, work: () => Promise<Result>) => Promise<Result>;

function createTimer(): { totals: Record<TimedStep, number>; timed: Timed } {
  const totals = Object.fromEntries(timedSteps.map((step) => [step, 0])) as Record<TimedStep, number>;
  return {
    totals,
    async timed(step, work) {
      const startedAt = performance.now();
      const result = await work();
      totals[step] += performance.now() - startedAt;
      return result;
    },
  };
}

const webhookAt = createStripeWebhooks('payment_intent.succeeded', 'growth');

/** A payment of Stripe as the receiver stores it, with the body that Stripe sends. */
export function entryOf(mark: string): NewEvent {
  const event: CanonicalEvent = { ...paidEvent(mark), receivedAt: new Date().toISOString() };
  const body = { bytes: Buffer.from(webhookAt(0, 0).body), contentType: 'application/json', headers: null };
  return { event, state: 'pending', lastError: null, holdMs: 0, endsHold: false, item: 0, body };
}
