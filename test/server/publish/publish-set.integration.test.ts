import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Definition } from '../../../language/definition.ts';
import { publishSet, type PublishDeps } from '../../../server/publish/publish-set.ts';
import { listSets, OutdatedSetError, readSet } from '../../../server/publish/published-sets.ts';
import { UnknownRunsError } from '../../../server/publish/runs-under-way.ts';
import type { Surroundings } from '../../../server/publish/surroundings.ts';
import { recordDefinitions } from '../../../server/served-definitions.ts';
import type { Database } from '../../../storage/database.ts';
import { audit, definitionChildren, definitions, publishedSets, runs } from '../../../storage/schema.ts';
import { openTestDatabase } from '../../services/open-test-database.ts';
import { insertEvent } from '../stored-events.ts';

let database: Database;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  for (const table of [publishedSets, audit, runs, definitionChildren, definitions]) await database.orm.delete(table);
});

const nothing: Surroundings = {
  ...{
    activities: {},
    mailTemplates: new Map(),
    eventTypes: undefined,
    secrets: new Map(),
    sources: new Map(),
    presets: new Map(),
  },
};

async function* pagesOf(...pages: string[][]) {
  for (const page of pages) yield await Promise.resolve(page);
}
const open = (...pages: string[][]) => ({ pages: pagesOf(...pages), count: () => Promise.resolve(90_000) });

const deps = (changes: Partial<PublishDeps> = {}): PublishDeps => ({
  database,
  openRuns: () => open(),
  open: () => Promise.resolve({ mistakes: [], missing: [], surroundings: nothing }),
  current: () => Promise.resolve(nothing),
  now: () => 0,
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
  expect(set).toMatchObject({
    ...{ author: 'ana@desk', note: 'version 1', activeAt: null },
    hash: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
  expect(await readSet(database, 'newest')).toEqual({ ...set, files: request('1').files, activities: [] });
  expect(await database.orm.select().from(audit)).toMatchObject([
    { actor: 'ana@desk', action: 'publish', target: `published set ${set?.id ?? ''}`, reason: 'version 1' },
  ]);
});

it('records nothing that is the newest already', async () => {
  const first = await publishSet(deps(), request('1'));
  expect(await publishSet(deps(), request('1'))).toEqual({ published: false, set: first.set, problems: [] });
  expect(await listSets(database, { limit: 10 })).toMatchObject([first.set!]);
});

it('records the same files again if they were made for other activities', async () => {
  await publishSet(deps(), request('1'));
  const points = { name: 'points.add', kind: 'network' as const, digest: 'f'.repeat(64), input: {}, output: {} };
  expect(await publishSet(deps(), { ...request('1'), activities: [points] })).toMatchObject({ published: true });
});

it('publishes an earlier set again under a new id', async () => {
  const first = await publishSet(deps(), request('1'));
  await publishSet(deps(), request('2'));
  const { set } = await publishSet(deps(), { rollback: first.set?.id, author: 'ben', note: 'broken', force: false });
  expect(set?.hash).toBe(first.set?.hash);
  expect(await readSet(database, 'newest')).toMatchObject({ id: set?.id, files: request('1').files });
});

it('refuses to go back to a set that does not exist', async () => {
  await expect(publishSet(deps(), { rollback: 7, author: 'ben', note: 'x', force: false })).rejects.toThrow(
    'There is no published set 7.',
  );
});

it.each([
  [
    'a mistake',
    request('1'),
    deps({ open: () => Promise.resolve({ mistakes: ['a mistake'], missing: [], surroundings: nothing }) }),
  ],
  ['No part of it: "../x.json"', { ...request('1'), files: { '../x.json': '' } }, deps()],
  ['At most 4194304 are allowed', request('x'.repeat(4 * 2 ** 20)), deps()],
])('refuses a set with %s, even by force, and leaves the last one the newest', async (message, wrong, given) => {
  const first = await publishSet(deps(), request('0'));
  const asked = publishSet({ ...given, database }, { ...wrong, force: true });
  await expect(asked).rejects.toMatchObject({ code: 'KAIT_SET_INVALID', message: expect.stringContaining(message) });
  expect(await readSet(database, 'newest')).toMatchObject({ id: first.set?.id });
});

it('refuses an earlier set that cannot be served any more', async () => {
  const first = await publishSet(deps(), request('1'));
  await publishSet(deps(), request('2'));
  const faulty = deps({ open: () => Promise.resolve({ mistakes: ['no points'], missing: [], surroundings: nothing }) });
  const back = { rollback: first.set?.id, author: 'ben', note: 'x', force: true };
  await expect(publishSet(faulty, back)).rejects.toMatchObject({ code: 'KAIT_SET_INVALID' });
});

describe('a change of the newest set', () => {
  const change = (from: number, files: Record<string, string>, force = false) => ({
    ...{ change: { from, files }, author: 'ben', note: 'a change', force },
  });

  it('replaces and adds files, and leaves the others and the activities as they are', async () => {
    const points = { name: 'points.add', kind: 'network' as const, digest: 'f'.repeat(64), input: {}, output: {} };
    const { set } = await publishSet(deps(), { ...request('1'), activities: [points] });
    const added = { 'workflows/paid.json': '2', 'workflows/paid.test.json': '{}' };
    expect(await publishSet(deps(), change(set!.id, added))).toMatchObject({ published: true, problems: [] });
    expect(await readSet(database, 'newest')).toMatchObject({
      ...{ author: 'ben', activities: [points] },
      files: { 'sources.json': '{}', ...added },
    });
    expect(await database.orm.select().from(audit)).toHaveLength(2);
  });

  it('is recorded once if it is sent twice, since the second was made from an earlier set', async () => {
    const { set } = await publishSet(deps(), request('1'));
    const again = change(set!.id, { 'workflows/paid.json': '2' });
    const first = await publishSet(deps(), again);
    await expect(publishSet(deps(), again)).rejects.toMatchObject({ newest: { id: first.set?.id } });
    expect(await listSets(database, { limit: 10 })).toHaveLength(2);
  });

  it('undoes nothing that somebody else has published meanwhile', async () => {
    const { set } = await publishSet(deps(), request('1'));
    const { set: other } = await publishSet(deps(), request('2'));
    const late = publishSet(deps(), change(set!.id, { 'mails/thanks.json': '{}' }, true));
    await expect(late).rejects.toBeInstanceOf(OutdatedSetError);
    expect(await readSet(database, 'newest')).toMatchObject({ id: other?.id });
  });

  it('is recorded for one of two that are sent at the same time', async () => {
    const { set } = await publishSet(deps(), request('1'));
    const both = await Promise.allSettled(
      ['2', '3'].map((text) => publishSet(deps(), change(set!.id, { 'workflows/paid.json': text }))),
    );
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await listSets(database, { limit: 10 })).toHaveLength(2);
  });

  it.each([
    ['../x.json', '{}', 'No part of it: "../x.json"'],
    ['workflows/a/b.json', '{}', 'No part of it'],
    ['constructor', '{}', 'No part of it: "constructor"'],
    ['workflows/PAID.json', '{}', 'differ in case only'],
    ['workflows/paid.json', 'a\0b', 'is no text'],
    ['workflows/paid.json', 'x'.repeat(4 * 2 ** 20), 'At most 4194304 are allowed'],
  ])('of %s is refused if it belongs in no set', async (path, text, message) => {
    const { set } = await publishSet(deps(), request('1'));
    const asked = publishSet(deps(), change(set!.id, { [path]: text }, true));
    await expect(asked).rejects.toMatchObject({ code: 'KAIT_SET_INVALID', message: expect.stringContaining(message) });
    expect(await readSet(database, 'newest')).toMatchObject({ id: set?.id });
  });

  it('needs a set', async () => {
    const asked = publishSet(deps(), change(1, { 'workflows/paid.json': '1' }));
    await expect(asked).rejects.toMatchObject({ name: 'OutdatedSetError', newest: undefined });
  });
});

describe('a set that replaces another', () => {
  it('is recorded if that one is the newest, and if there is none', async () => {
    const { set } = await publishSet(deps(), { ...request('1'), from: 0 });
    expect(await publishSet(deps(), { ...request('2'), from: set!.id })).toMatchObject({ published: true });
  });

  it.each([
    ['files', { files: request('3').files }],
    ['an earlier set', { rollback: 0 }],
  ])('undoes nothing that was published meanwhile, with %s and by force', async (_what, given) => {
    const { set } = await publishSet(deps(), request('1'));
    const { set: other } = await publishSet(deps(), request('2'));
    const late = { ...given, from: set!.id, author: 'ben', note: 'late', force: true };
    await expect(publishSet(deps(), late)).rejects.toMatchObject({ newest: { id: other!.id } });
    await expect(publishSet(deps(), { ...late, from: 0 })).rejects.toMatchObject({ newest: { id: other!.id } });
    expect(await readSet(database, 'newest')).toMatchObject({ id: other!.id });
  });

  it('is recorded for one of two that are sent at the same time', async () => {
    const { set } = await publishSet(deps(), request('1'));
    const both = await Promise.allSettled(
      ['2', '3'].map((text) => publishSet(deps(), { ...request(text), from: set!.id })),
    );
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  it('is refused if nothing was published', async () => {
    const asked = publishSet(deps(), { ...request('1'), from: 4 });
    await expect(asked).rejects.toMatchObject({ name: 'OutdatedSetError', newest: undefined });
  });
});

it('wants to know of a secret that the server lacks, unless it is forced', async () => {
  const lacking = deps({
    open: () => Promise.resolve({ mistakes: [], missing: ['no secret'], surroundings: nothing }),
  });
  expect(await publishSet(lacking, request('1'))).toEqual({ published: false, set: null, problems: ['no secret'] });
  expect(await publishSet(lacking, request('1', true))).toMatchObject({ published: true, problems: ['no secret'] });
});

const at = new Date('2026-01-01T00:00:00Z');
const child: Definition = {
  ...{ name: 'remind', on: 'run' },
  steps: [{ id: 'mail', call: 'mail.send', with: { to: 'a@b.example', template: 'remind' } }],
};
const parent: Definition = { name: 'paid', on: { event: 'a' }, steps: [{ id: 'later', run: 'remind' }] };

async function startRuns(count: number): Promise<string[]> {
  await recordDefinitions(database, [
    { definition: parent, hash: 'p', children: { remind: { definition: child, definitionHash: 'c' } } },
    { definition: child, hash: 'c' },
  ]);
  const ids = Array.from({ length: count }, (_each, index) => `kait-1/paid/stripe/evt_${count}_${index}`);
  for (const id of ids) {
    const event = await insertEvent(database, {
      ...{ gateway: 'stripe', type: 'payment.succeeded', nativeType: 'charge', entity: 'pi_1', contentType: '' },
      ...{ occurredAt: at, receivedAt: at, envelope: {}, body: Buffer.from('{}'), eventId: id, source: 'stripe' },
      ...{ state: 'dispatched', attempts: 0, lastError: null },
    });
    const run = { workflowId: id, event, definition: 'paid', definitionHash: 'p', startedAt: at };
    await database.orm.insert(runs).values(run);
  }
  return ids;
}

it('refuses a set without what runs under way and the runs that they will start need, unless it is forced', async () => {
  const ids = await startRuns(3);
  const underWay = deps({ openRuns: () => open(ids.slice(0, 2), ids.slice(2)) });
  const problems = [
    '3 runs under way of "paid" could not go on: There is no source "stripe" any more.',
    '3 runs under way of "paid" could not go on: remind: /steps/0/call: Unknown activity "mail.send".',
    '3 runs under way of "paid" could not go on: remind: /steps/0/with/template: There is no mail template "remind".',
  ];
  expect(await publishSet(underWay, request('1'))).toEqual({ published: false, set: null, problems });
  expect(await publishSet(underWay, request('1', true))).toMatchObject({ published: true, problems });
});

it('says how many of the runs under way could not be looked at in time', async () => {
  const ids = await startRuns(2);
  let ms = 0;
  const slow = deps({ openRuns: () => open([ids[0]!], [ids[1]!]), now: () => (ms += 40_000) });
  const { published, problems } = await publishSet(slow, request('1'));
  expect(published).toBe(false);
  expect(problems.at(-1)).toBe(
    'Only 2 of about 90000 runs under way could be looked at. Nobody knows what the others need.',
  );
});

it('does not publish while nobody knows what is under way', async () => {
  async function* unknown() {
    yield await Promise.reject<string[]>(new UnknownRunsError(new Error('down')));
  }
  const down = deps({ openRuns: () => ({ pages: unknown(), count: () => Promise.resolve(0) }) });
  expect(await publishSet(down, request('1'))).toEqual({
    published: false,
    set: null,
    problems: ['Temporal does not answer, so nobody knows which runs are under way.'],
  });
});

it('keeps a hundred sets, and the one that is served', async () => {
  const first = await publishSet(deps(), request('0'));
  await database.orm.update(publishedSets).set({ activeAt: at });
  for (let version = 1; version <= 103; version++) await publishSet(deps(), request(`${version}`));
  const ids = (await listSets(database, { limit: 500 })).map(({ id }) => id - first.set!.id);
  expect(ids).toEqual([...Array.from({ length: 100 }, (_each, index) => 103 - index), 0]);
});
