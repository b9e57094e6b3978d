import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createBacklog } from '../../server/backlog.ts';
import { createInbox } from '../../server/inbox.ts';
import type { Database } from '../../storage/database.ts';
import { bothDatabases, type SharedDatabase } from '../services/both-databases.ts';
import { bodyOf, newEvent } from './sample-event.ts';
import { deleteEvents } from './stored-events.ts';

const readData = (_gateway: string, body: Buffer) => {
  const data = JSON.parse(body.toString()) as { id: string };
  return () => data;
};
const mebibyte = 1_048_576;

/** Stores pending events in their order, each with a body of so many MiB. */
async function storeSized(db: Database, sizes: Record<string, number>): Promise<void> {
  const inbox = createInbox({ database: db, wantsClaim: () => false, onStored: () => undefined });
  for (const [id, size] of Object.entries(sizes)) {
    await inbox.store(newEvent({ id, data: { id, blob: 'x'.repeat(size * mebibyte) } }));
  }
}

describe.each(bothDatabases)('in %s, a claim', (_database, open) => {
  let shared: SharedDatabase;
  let db: Database;
  beforeAll(async () => {
    shared = await open();
    [db] = shared.databases;
  });
  afterAll(() => shared.close());
  beforeEach(() => deleteEvents(db));

  it('takes the oldest event, and of the others those with the smallest bodies, 8 MiB in all', async () => {
    await storeSized(db, { a: 3, b: 4, c: 2, d: 2, e: 0, f: 9 });
    const backlog = createBacklog({ database: db, readData, random: () => 0 });
    const claim = async () => {
      const { events: claimed, more } = await backlog.claim({ count: 10 });
      return [claimed.map(({ event }) => event.id).join(' '), more];
    };
    expect(await claim()).toEqual(['a c d e', true]);
    expect(await claim()).toEqual(['b', true]);
    expect(await claim()).toEqual(['f', false]);
    expect(await claim()).toEqual(['', false]);
  });

  it('counts a body once for all of its events, and says what share of it each event is', async () => {
    const inbox = createInbox({ database: db, wantsClaim: () => false, onStored: () => undefined });
    await storeSized(db, { first: 0 });
    const body = bodyOf(JSON.stringify({ id: 'batch', blob: 'x'.repeat(7 * mebibyte) }));
    await inbox.storeAll(['a', 'b', 'c', 'd'].map((id) => ({ ...newEvent({ id }), body })));
    const claimed = (await createBacklog({ database: db, readData, random: () => 0 }).claim({ count: 10 })).events;
    expect(claimed.map(({ event, bytes }) => [event.id, bytes])).toEqual([
      ['first', 24],
      ['a', 1_835_014],
      ['b', 1_835_014],
      ['c', 1_835_014],
      ['d', 1_835_014],
    ]);
  });

  it('gives other work a turn between large bodies', async () => {
    await storeSized(db, { a: 1, b: 1, c: 1 });
    const turns: string[] = [];
    const backlog = createBacklog({
      database: db,
      readData: (_gateway, body) => {
        const data = JSON.parse(body.toString()) as { id: string };
        turns.push(data.id);
        setImmediate(() => turns.push('other work'));
        return () => data;
      },
      random: () => 0,
    });
    await backlog.claim({ count: 3 });
    expect(turns).toEqual(['a', 'other work', 'b', 'other work', 'c', 'other work']);
  });
});
