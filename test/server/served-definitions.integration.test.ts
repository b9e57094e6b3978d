import { asc } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Definition } from '../../language/definition.ts';
import { createBacklog } from '../../server/backlog.ts';
import { createInbox } from '../../server/inbox.ts';
import {
  countWaiting,
  readLastGood,
  recordDefinitions,
  recordServed,
  releaseWaiting,
} from '../../server/served-definitions.ts';
import { definitions, events, runs, servedDefinitions } from '../../storage/schema.ts';
import { bothDatabases, type SharedDatabase } from '../services/both-databases.ts';
import { newEvent } from './sample-event.ts';

const version = (name: string, hash: string) => ({
  hash,
  definition: { name, on: 'run', steps: [] } satisfies Definition,
});

describe.each(bothDatabases)('with %s', (_name, open) => {
  let shared: SharedDatabase;
  beforeAll(async () => {
    shared = await open();
  });
  afterAll(() => shared.close());
  beforeEach(async () => {
    const { orm } = shared.databases[0];
    for (const table of [servedDefinitions, runs, events, definitions]) await orm.delete(table);
  });

  it('knows the version of each file that was served last', async () => {
    const [database, other] = shared.databases;
    await recordDefinitions(database, [version('a', 'a1'), version('b', 'b1')]);
    await recordServed(
      database,
      [
        { file: 'a.json', hash: 'a1' },
        { file: 'b.json', hash: 'b1' },
      ],
      ['a.json', 'b.json'],
    );
    await recordDefinitions(other, [version('a', 'a2')]);
    await recordServed(other, [{ file: 'a.json', hash: 'a2' }], ['a.json', 'b.json']);
    expect(await readLastGood(database)).toEqual([
      { file: 'a.json', hash: 'a2', definition: { name: 'a', on: 'run', steps: [] } },
      { file: 'b.json', hash: 'b1', definition: { name: 'b', on: 'run', steps: [] } },
    ]);
  });

  it('forgets a file that is gone, and nothing if the folder could not be read', async () => {
    const [database] = shared.databases;
    await recordDefinitions(database, [version('a', 'a1'), version('b', 'b1')]);
    const files = [
      { file: 'a.json', hash: 'a1' },
      { file: 'b.json', hash: 'b1' },
    ];
    await recordServed(database, files, ['a.json', 'b.json']);
    await recordServed(database, [], null);
    expect(await readLastGood(database)).toHaveLength(2);
    await recordServed(database, [], ['b.json']);
    expect((await readLastGood(database)).map(({ file }) => file)).toEqual(['b.json']);
  });

  it('offers a waiting event again once one of its files is correct, and keeps the runs that it has', async () => {
    const [database] = shared.databases;
    const inbox = createInbox({ database, wantsClaim: () => false, onStored: () => undefined });
    for (const id of ['both', 'one', 'other', 'free']) await inbox.store(newEvent({ id, data: { id } }));
    const readData = (_gateway: string, body: Buffer) => () => JSON.parse(body.toString()) as { id: string };
    const backlog = createBacklog({ database, readData, random: () => 0 });
    const run = { workflowId: 'b/stripe/both', definition: 'b', definitionHash: 'h' };
    const [both, one, other] = (await backlog.claim({ count: 3 })).events;
    const waitFor = (...files: string[]) => ({ kind: 'waiting' as const, runs: [], waitsFor: files, reason: 'waits' });
    await backlog.finish(both!, { ...waitFor('workflows/a.json', 'workflows/c.json'), runs: [run] });
    await backlog.finish(one!, waitFor('workflows/a.json'));
    await backlog.finish(other!, waitFor('workflows/c.json'));
    expect([await backlog.size(), await countWaiting(database, 10)]).toEqual([1, 3]);
    const seen = { id: events.eventId, state: events.state, waitsFor: events.waitsFor, lastError: events.lastError };
    const rows = () => database.orm.select(seen).from(events).orderBy(asc(events.id));
    expect((await rows())[0]).toEqual({
      ...{ id: 'both', state: 'waiting', lastError: 'waits' },
      waitsFor: ['workflows/a.json', 'workflows/c.json'],
    });

    expect(await releaseWaiting(database, ['workflows/a.json', 'workflows/c.json'])).toBe(0);
    expect(await releaseWaiting(database, ['workflows/c.json'])).toBe(2);
    expect(await rows()).toEqual([
      { id: 'both', state: 'pending', waitsFor: null, lastError: null },
      { id: 'one', state: 'pending', waitsFor: null, lastError: null },
      { id: 'other', state: 'waiting', waitsFor: ['workflows/c.json'], lastError: 'waits' },
      { id: 'free', state: 'pending', waitsFor: null, lastError: null },
    ]);
    expect(await database.orm.select({ id: runs.workflowId }).from(runs)).toEqual([{ id: 'b/stripe/both' }]);
  });
});
