import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { createInbox } from '../../server/inbox.ts';
import type { Database } from '../../storage/database.ts';
import { type Installation, openInstallation } from '../../storage/installation.ts';
import { openPostgres } from '../../storage/open-postgres.ts';
import { runs } from '../../storage/schema.ts';
import { findStored } from '../../storage/waits/find-stored.ts';
import { type NewWait, openWait } from '../../storage/waits/open-waits.ts';
import { recordShapes } from '../../storage/waits/wait-shapes.ts';
import { createDispatchingInbox } from '../services/dispatching-inbox.ts';
import { startPostgres, type PostgresServer } from '../services/postgres.ts';
import { countStatements } from '../services/statement-counts.ts';
import { newEvent } from './sample-event.ts';
import { deleteEvents } from './stored-events.ts';

let server: PostgresServer;
let database: Database;
let installation: Installation;
beforeAll(async () => {
  server = await startPostgres({ fsync: 'off', countsStatements: true });
  const url = await server.createDatabase('statements');
  database = await openPostgres(url, { connections: 4, onError: () => undefined });
  installation = await openInstallation(database, null);
});
afterAll(async () => {
  await database.close();
  await server.stop();
});
beforeEach(async () => {
  await database.orm.delete(runs);
  await deleteEvents(database);
});

/** Resolves to the statements from the receipt of the events to the record of their runs. */
async function statementsFor(ids: string[]): Promise<number> {
  const inbox = createDispatchingInbox(database, installation);
  const calls = await countStatements(database, () => Promise.all(ids.map((id) => inbox.take(newEvent({ id })))));
  await inbox.stop();
  expect(await database.orm.$count(runs)).toBe(ids.length);
  return calls;
}

it('stores an event, announces its start and records its run in three statements', async () => {
  expect(await statementsFor(['evt_1'])).toBe(3);
});

it('shares them among events that come at once', async () => {
  const ids = Array.from({ length: 300 }, (_, index) => `evt_${index}`);
  expect(await statementsFor(ids)).toBeLessThan(90);
});

it('leaves out the keys of an event for which nothing can wait yet; a wait that begins later finds it all the same', async () => {
  const flags: boolean[] = [];
  const onStored = (...[, , , unawaited]: [number, object, number, boolean]) => void flags.push(unawaited);
  const inbox = createInbox({ database, wantsClaim: () => true, onStored });
  const receivedAt = new Date().toISOString();
  await inbox.store(newEvent({ id: 'evt_1', type: 'payment.failed', receivedAt }));
  const wait: NewWait = {
    ...{ workflowId: 'kait/remind/stripe/own', step: 'settled', types: ['payment.failed'], sources: ['stripe'] },
    ...{ match: { 'event.payment.id': 'pi_1' }, lookBackMs: 60_000, untilMs: Date.parse('2099-01-01') },
    own: { source: 'stripe', eventId: 'own', live: null },
  };
  await openWait(database, wait);
  const { events: found } = await findStored(database, wait, { after: 0, harmless: [], readData: () => () => null });
  expect([flags, found.map(({ envelope }) => envelope.id)]).toEqual([[true], ['evt_1']]);
});

it('needs three more for an event of a type that runs wait for', async () => {
  await recordShapes(database, [{ type: 'payment.succeeded', paths: '["event.payment.id"]' }]);
  expect(await statementsFor(['evt_1'])).toBe(6);
});
