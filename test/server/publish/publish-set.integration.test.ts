import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { publishSet, type PublishDeps } from '../../../server/publish/publish-set.ts';
import { latestSetId, listSets, readSet } from '../../../server/publish/published-sets.ts';
import type { Database } from '../../../storage/database.ts';
import { audit, definitions, publishedSets, runs } from '../../../storage/schema.ts';
import { openTestDatabase } from '../../services/open-test-database.ts';
import { insertEvent } from '../stored-events.ts';

let database: Database;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  for (const table of [publishedSets, audit, runs, definitions]) await database.orm.delete(table);
});

const deps = (changes: Partial<PublishDeps> = {}): PublishDeps => ({
  database,
  runsUnderWay: () => Promise.resolve([]),
  isCallable: () => true,
  mails: () => Promise.resolve([]),
  ...changes,
});
const request = (text: string, force = false) => ({
  files: { 'workflows/paid.json': text, 'sources.json': '{}' },
  author: 'ana@desk',
  note: `version ${text}`,
  force,
});

it('records a set with its author and note, and audits it', async () => {
  const { published, set, problems } = await publishSet(deps(), request('1'));
  expect([published, problems]).toEqual([true, []]);
  expect(set).toMatchObject({ author: 'ana@desk', note: 'version 1', hash: expect.stringMatching(/^[0-9a-f]{64}$/) });
  expect(await readSet(database)).toEqual({ ...set, files: request('1').files });
  expect(await database.orm.select().from(audit)).toMatchObject([
    { actor: 'ana@desk', action: 'publish', target: `published set ${set?.id ?? ''}`, reason: 'version 1' },
  ]);
});

it('records nothing that is served already', async () => {
  const first = await publishSet(deps(), request('1'));
  expect(await publishSet(deps(), request('1'))).toEqual({ published: false, set: first.set, problems: [] });
  expect(await listSets(database, 10)).toEqual([first.set]);
});

it('publishes an earlier set again under a new id', async () => {
  const first = await publishSet(deps(), request('1'));
  await publishSet(deps(), request('2'));
  const { set } = await publishSet(deps(), { rollback: first.set?.id, author: 'ben', note: 'broken', force: false });
  expect(set?.hash).toBe(first.set?.hash);
  expect(await latestSetId(database)).toBe(set?.id);
  expect((await readSet(database))?.files).toEqual(request('1').files);
});

it('refuses to go back to a set that does not exist', async () => {
  await expect(publishSet(deps(), { rollback: 7, author: 'ben', note: 'x', force: false })).rejects.toThrow(
    'There is no published set 7.',
  );
});

it('refuses a set without what runs under way need, unless it is forced', async () => {
  const at = new Date('2026-01-01T00:00:00Z');
  const event = await insertEvent(database, {
    ...{ gateway: 'stripe', type: 'payment.succeeded', nativeType: 'charge', entity: 'pi_1', contentType: '' },
    ...{ occurredAt: at, receivedAt: at, envelope: {}, body: Buffer.from('{}'), eventId: 'evt_1', source: 'stripe' },
    ...{ state: 'dispatched', attempts: 0, lastError: null },
  });
  await database.orm.insert(definitions).values({ hash: 'h', name: 'paid', json: { steps: [] } });
  const run = { workflowId: 'kait-1/paid/stripe/evt_1', event, definition: 'paid', definitionHash: 'h', startedAt: at };
  await database.orm.insert(runs).values(run);
  const underWay = deps({ runsUnderWay: () => Promise.resolve([run.workflowId]) });
  const problems = ['1 run under way of "paid" needs the source "stripe", which is not there any more.'];
  expect(await publishSet(underWay, request('1'))).toEqual({ published: false, set: null, problems });
  expect(await publishSet(underWay, request('1', true))).toMatchObject({ published: true, problems });
});

it('does not publish while nobody knows what is under way', async () => {
  const unknown = deps({ runsUnderWay: () => Promise.reject(new Error('down')) });
  expect(await publishSet(unknown, request('1'))).toEqual({
    published: false,
    set: null,
    problems: ['Temporal does not answer, so nobody knows which runs are under way.'],
  });
});
