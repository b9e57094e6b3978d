import { sql } from 'drizzle-orm';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { DispatchOutcome } from '../../server/dispatch-event.ts';
import { createBacklog } from '../../server/backlog.ts';
import { createDispatcher } from '../../server/dispatcher.ts';
import { createInbox } from '../../server/inbox.ts';
import type { Database } from '../../storage/database.ts';
import { events, runs } from '../../storage/schema.ts';
import { openTestDatabase } from '../services/open-test-database.ts';
import { newEvent } from './sample-event.ts';
import { deleteEvents } from './stored-events.ts';

const ids = (prefix: string, count: number) => Array.from({ length: count }, (_, index) => `${prefix}-${index}`);
const reason = 'strange';
const strange: DispatchOutcome = { kind: 'unstarted', runs: [], reason, temporalSeemsDown: false };
const away: DispatchOutcome = { kind: 'unstarted', runs: [], reason, temporalSeemsDown: true };

let db: Database;
beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db.close());
beforeEach(async () => {
  await db.orm.delete(runs);
  await deleteEvents(db);
});

it.each([
  ['before any of them was tried', strange, null],
  ['before any of them was tried, and look like an outage', away, null],
  ['and were all set aside before', strange, reason],
])(
  'starts 20 events within seconds that stand behind 1,000 poison ones: %s',
  async (_when, fault, lastError) => {
    const inbox = createInbox({ database: db, wantsClaim: () => false, onStored: () => undefined });
    await Promise.all(ids('poison', 1_000).map((id) => inbox.store(newEvent({ id }))));
    await db.orm.update(events).set({ lastError, ...(lastError === null ? {} : { claimedUntil: sql`now()` }) });
    await Promise.all(ids('ordinary', 20).map((id) => inbox.store(newEvent({ id }))));
    const started: string[] = [];
    const dispatcher = createDispatcher({
      backlog: createBacklog({ database: db, readData: () => () => null, random: () => Math.random() }),
      dispatch: ({ id }) => {
        if (id.startsWith('poison')) return Promise.resolve(fault);
        started.push(id);
        const run = { workflowId: `welcome/${id}`, definition: 'welcome', definitionHash: 'h' };
        return Promise.resolve({ kind: 'done', runs: [run], duplicates: 0 });
      },
      concurrency: 16,
      pollMs: 1_000,
      log: pino({ level: 'silent' }),
    });
    dispatcher.start();
    await expect.poll(() => started.sort(), { timeout: 120_000 }).toEqual(ids('ordinary', 20).sort());
    await dispatcher.stop();
  },
  150_000,
);
