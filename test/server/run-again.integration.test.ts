import { asc } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createBacklog } from '../../server/backlog.ts';
import type { LoadedDefinition } from '../../server/load-definitions.ts';
import { runAgain, type RunAgainRequest } from '../../server/run-again.ts';
import { showEvent } from '../../server/show-event.ts';
import { audit, runs } from '../../storage/schema.ts';
import { bothDatabases, type SharedDatabase } from '../services/both-databases.ts';
import { deleteEvents, type EventRow, insertEvent, storedEvents } from './stored-events.ts';

const definition = (name: string): LoadedDefinition => ({
  ...{ definition: { name, on: { event: 'payment.succeeded' }, steps: [] }, hash: `new hash of ${name}` },
  ...{ file: `${name}.json`, children: {} },
});
const startedAt = new Date('2026-01-01T00:00:00Z');
const first = { workflowId: 'kait-test/pay-out/stripe/evt_1', definition: 'pay-out' };

describe.each(bothDatabases)('a run that is asked for again in %s', (_name, open) => {
  let shared: SharedDatabase;
  beforeAll(async () => {
    shared = await open();
  });
  afterAll(() => shared.close());
  beforeEach(async () => {
    const { orm } = shared.databases[0];
    for (const table of [audit, runs]) await orm.delete(table);
    await deleteEvents(shared.databases[0]);
  });

  async function store(row: Partial<EventRow> = {}, names: string[] = ['pay-out']): Promise<number> {
    const event = await insertEvent(shared.databases[0], { eventId: 'evt_1', ...row });
    const known = names.map((name) => ({
      ...{ workflowId: `kait-test/${name}/stripe/evt_1`, event, definition: name },
      ...{ definitionHash: 'h', startedAt },
    }));
    for (const run of known) await shared.databases[0].orm.insert(runs).values(run);
    return event;
  }

  const ask = (changes: Partial<RunAgainRequest> = {}, served = [definition('pay-out'), definition('notify')]) =>
    runAgain(
      { database: shared.databases[0], served: { definitions: served }, installation: 'kait-test' },
      { source: 'stripe', eventId: 'evt_1', reason: 'the bank lost it', actor: 'ana@ops', ...changes },
    );
  const known = () => shared.databases[0].orm.select().from(runs).orderBy(asc(runs.workflowId));
  const recorded = () => shared.databases[0].orm.select().from(audit).orderBy(asc(audit.id));
  const backlog = () => createBacklog({ database: shared.databases[1], readData: () => () => null, random: () => 0 });

  it('gets an id of its own and is handed to the dispatcher, and the audit says who asked and why', async () => {
    await store();
    const id = 'kait-test/pay-out/stripe/evt_1/kait:again-1';
    expect(await ask()).toEqual({ refused: null, runs: [id], notServed: [] });
    expect(await recorded()).toMatchObject([
      { actor: 'ana@ops', action: 'run-again', target: id, reason: 'the bank lost it' },
    ]);
    const { events: claimed } = await backlog().claim({ count: 1 });
    expect(claimed.map((each) => each.runs)).toEqual([
      [
        { ...first, started: true },
        { workflowId: id, definition: 'pay-out', started: false },
      ],
    ]);
  });

  it('is started once, under the hash of the definition that is served now', async () => {
    await store();
    const { runs: ids } = await ask();
    const [claimed] = (await backlog().claim({ count: 1 })).events;
    const started = { workflowId: ids[0]!, definition: 'pay-out', definitionHash: 'hash at the start' };
    await backlog().finish(claimed!, { kind: 'done', runs: [started], duplicates: 0 });
    expect(await known()).toMatchObject([
      { workflowId: first.workflowId, definitionHash: 'h', startedAt },
      { ...started, startedAt: expect.any(Date) as unknown },
    ]);
    expect(await storedEvents(shared.databases[0])).toMatchObject([{ state: 'dispatched' }]);
    expect((await backlog().claim({ count: 1 })).events).toEqual([]);
    expect(await ask()).toMatchObject({ runs: ['kait-test/pay-out/stripe/evt_1/kait:again-2'] });
  });

  it('is not asked for twice while it cannot start, but each request is recorded', async () => {
    await store();
    await ask();
    const [claimed] = (await backlog().claim({ count: 1 })).events;
    await backlog().finish(claimed!, { kind: 'refused', runs: [], reason: 'too large', certain: true });
    expect(await ask({ reason: 'try harder' })).toMatchObject({
      runs: ['kait-test/pay-out/stripe/evt_1/kait:again-1'],
    });
    expect(await known()).toHaveLength(2);
    expect((await recorded()).map(({ reason }) => reason)).toEqual(['the bank lost it', 'try harder']);
  });

  it('is granted to one of two operators who ask at once', async () => {
    await store();
    const answers = await Promise.all([ask(), ask()]);
    expect(answers.map(({ refused }) => refused).sort()).toEqual([null, 'under-way'].sort());
    expect(await known()).toHaveLength(2);
    expect(await recorded()).toHaveLength(1);
  });

  it('repeats all definitions of the event, or the one that is named', async () => {
    await store({}, ['pay-out', 'notify']);
    expect(await ask({ definition: 'notify' })).toMatchObject({
      runs: ['kait-test/notify/stripe/evt_1/kait:again-1'],
    });
    await shared.databases[0].run('finish', `update events set state = 'dispatched'`, []);
    await shared.databases[0].run('start', `update runs set started_at = now()`, []);
    expect((await ask()).runs).toEqual([
      'kait-test/pay-out/stripe/evt_1/kait:again-1',
      'kait-test/notify/stripe/evt_1/kait:again-2',
    ]);
  });

  it('cannot have the id of a run of another event', async () => {
    await store({ eventId: 'evt_1/kait:again-1' });
    expect(await ask({ eventId: 'evt_1/kait:again-1' })).toMatchObject({
      runs: ['kait-test/pay-out/stripe/evt_1%2Fkait:again-1/kait:again-1'],
    });
  });

  it('has the name that its definition has now', async () => {
    await store({}, ['old-name']);
    expect(await ask({}, [{ ...definition('pay-out'), formerNames: ['old-name'] }])).toEqual({
      refused: null,
      runs: ['kait-test/pay-out/stripe/evt_1/kait:again-1'],
      notServed: [],
    });
  });

  it('names the definitions that are gone', async () => {
    await store({}, ['pay-out', 'gone']);
    expect(await ask()).toEqual({
      refused: null,
      runs: ['kait-test/pay-out/stripe/evt_1/kait:again-1'],
      notServed: ['gone'],
    });
  });

  it.each<[string, Partial<EventRow>, string[], Partial<RunAgainRequest>, string]>([
    ['the event does not exist', {}, ['pay-out'], { eventId: 'evt_2' }, 'unknown'],
    ['the event is pending', { state: 'pending' }, ['pay-out'], {}, 'under-way'],
    ['the event waits', { state: 'waiting' }, ['pay-out'], {}, 'under-way'],
    ['the event is unreadable', { state: 'unreadable' }, [], {}, 'unreadable'],
    ['the event has no body any more', { body: null }, ['pay-out'], {}, 'no-body'],
    ['there is no run to repeat', {}, [], {}, 'no-run'],
    ['there is none of the definition', {}, ['pay-out'], { definition: 'notify' }, 'no-run'],
    ['its definition is not served any more', {}, ['gone'], {}, 'not-served'],
  ])('is refused, and nothing is recorded, if %s', async (_what, row, names, request, why) => {
    await store(row, names);
    expect(await ask(request)).toMatchObject({ refused: why, runs: [] });
    expect(await recorded()).toEqual([]);
    expect(await known()).toHaveLength(names.length);
    expect(await storedEvents(shared.databases[0])).toMatchObject([{ state: row.state ?? 'dispatched' }]);
  });

  it('is shown with the event', async () => {
    await store();
    await ask();
    const database = shared.databases[1];
    const key = { source: 'stripe', eventId: 'evt_1' };
    expect(await showEvent({ database, presets: new Map() }, key, { raw: false })).toMatchObject({
      runs: [
        { workflowId: first.workflowId, startedAt },
        { workflowId: `${first.workflowId}/kait:again-1`, startedAt: null },
      ],
      audit: [
        {
          actor: 'ana@ops',
          action: 'run-again',
          target: `${first.workflowId}/kait:again-1`,
          reason: 'the bank lost it',
        },
      ],
    });
  });
});
