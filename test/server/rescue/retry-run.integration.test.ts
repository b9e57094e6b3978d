import { asc, eq } from 'drizzle-orm';
import { afterAll, beforeAll, expect, inject, it, vi } from 'vitest';
import type { Definition, Step } from '../../../language/definition.ts';
import type { JsonObject } from '../../../language/json.ts';
import { hashOf } from '../../../server/load-definitions.ts';
import { searchAttributes } from '../../../server/search-attributes.ts';
import { customerHashOf } from '../../../storage/customer-hash.ts';
import type { Database } from '../../../storage/database.ts';
import { audit, rescues, runs, turns } from '../../../storage/schema.ts';
import { type HttpReceiver, startHttpReceiver } from '../../activities/http-receiver.ts';
import { openTestDatabase } from '../../services/open-test-database.ts';
import { sampleEvent } from '../sample-event.ts';
import { sampleInstallation } from '../sample-installation.ts';
import { type RescueHost, startRescueHost } from './rescue-host.ts';

let database: Database;
let host: RescueHost;

beforeAll(async () => {
  database = await openTestDatabase();
  host = await startRescueHost(inject('temporal'), database);
  host.starter.start();
});
afterAll(async () => {
  await host.stop();
  await database.close();
});

const post = (id: string): Step => ({ id, http: 'https://shop.example/', method: 'POST' });
const undoable = (id: string): Step => ({ ...post(id), undo: { http: 'https://shop.example/undo', method: 'POST' } });
const definitionOf = (steps: Step[], more: Partial<Definition> = {}): Definition => ({
  ...{ name: 'order-paid', on: { event: 'payment.succeeded' }, steps },
  ...more,
});

/** Resolves once the retry has started. */
async function startedOf(workflowId: string): Promise<void> {
  await vi.waitFor(
    async () => {
      const known = await database.orm.select().from(runs);
      expect(known.map((row) => row.workflowId)).toContain(workflowId);
    },
    { timeout: 30_000, interval: 100 },
  );
}

it('gives what was undone a new key, keeps that of what stands, and goes on where the run failed', async () => {
  host.behave('evt_undo', { ship: 'fails' });
  const definition = definitionOf([undoable('order'), post('tell'), post('ship')], { output: '{{steps.order.id}}' });
  const first = await host.start('evt_undo', definition);
  await expect(host.result(first)).rejects.toThrow();
  host.behave('evt_undo', {});
  const preview = await host.retry(first, { dryRun: true });
  expect(preview).toMatchObject({
    ...{ refused: null, of: first, ended: 'failed', run: `${first}/kait:retry-1` },
    plan: { kind: 'redo', stands: ['tell'], again: ['order'], from: ['ship'], inDoubt: [], undoFailed: [] },
  });
  expect(await database.orm.select().from(rescues)).toEqual([]);
  const retried = await host.retry(first);
  expect(retried.refused).toBeNull();
  await startedOf(`${first}/kait:retry-1`);
  await host.result(`${first}/kait:retry-1`);
  expect(host.asked('evt_undo')).toEqual(['order', 'tell', 'ship', 'order/undo', 'order~2', 'ship']);
  expect(await database.orm.select().from(rescues)).toMatchObject([
    { workflowId: `${first}/kait:retry-1`, retryOf: first, state: 'started', input: null },
  ]);
  expect(await database.orm.select().from(audit).orderBy(asc(audit.id))).toMatchObject([
    { actor: 'ana@ops', action: 'retry-run', target: `${first}/kait:retry-1`, reason: 'the shop was down' },
  ]);
});

it('retries a run once, however many ask for it at the same time, and not one that has succeeded', async () => {
  host.behave('evt_twice', { ship: 'fails' });
  const first = await host.start('evt_twice', definitionOf([post('ship')]));
  await expect(host.result(first)).rejects.toThrow();
  host.behave('evt_twice', {});
  const answers = await Promise.all([host.retry(first), host.retry(first), host.retry(first)]);
  expect(answers.map(({ refused }) => refused).sort()).toEqual(['being-retried', 'being-retried', null]);
  await startedOf(`${first}/kait:retry-1`);
  await host.result(`${first}/kait:retry-1`);
  expect(await host.retry(first)).toMatchObject({ refused: 'completed', of: `${first}/kait:retry-1` });
  expect(host.asked('evt_twice')).toEqual(['ship', 'ship']);
});

it('retries the latest run of a family, whose generations count on', async () => {
  host.behave('evt_again', { ship: 'fails' });
  const first = await host.start('evt_again', definitionOf([undoable('order'), post('ship')]));
  await expect(host.result(first)).rejects.toThrow();
  await host.retry(first);
  await startedOf(`${first}/kait:retry-1`);
  await expect(host.result(`${first}/kait:retry-1`)).rejects.toThrow();
  host.behave('evt_again', {});
  expect(await host.retry(first)).toMatchObject({ refused: null, run: `${first}/kait:retry-2` });
  await startedOf(`${first}/kait:retry-2`);
  await host.result(`${first}/kait:retry-2`);
  expect(host.asked('evt_again')).toEqual([
    ...['order', 'ship', 'order/undo'],
    ...['order~2', 'ship', 'order~2/undo'],
    ...['order~3', 'ship'],
  ]);
});

it('lets child runs go on with the run, and does again what was undone in them', async () => {
  host.behave('evt_child', { pay: 'fails' });
  const child: Definition = {
    ...{ name: 'reserve', on: 'run', output: '{{steps.stock.id}}' },
    steps: [undoable('stock'), post('note')],
  };
  const definition = definitionOf([{ id: 'reserve', run: 'reserve' }, post('pay')]);
  const first = await host.start('evt_child', definition, { reserve: child });
  await expect(host.result(first)).rejects.toThrow();
  host.behave('evt_child', {});
  expect(await host.retry(first)).toMatchObject({ refused: null, plan: { kind: 'redo', again: ['reserve/stock'] } });
  await startedOf(`${first}/kait:retry-1`);
  await host.result(`${first}/kait:retry-1`);
  expect(host.asked('evt_child')).toEqual([
    ...['reserve/stock', 'reserve/note', 'pay', 'reserve/stock/undo'],
    ...['reserve/stock~2', 'pay'],
  ]);
});

it('goes on within a child run that has failed', async () => {
  host.behave('evt_broken', { note: 'fails' });
  const child: Definition = { ...{ name: 'reserve', on: 'run' }, steps: [post('stock'), post('note')] };
  const first = await host.start('evt_broken', definitionOf([post('order'), { id: 'reserve', run: 'reserve' }]), {
    reserve: child,
  });
  await expect(host.result(first)).rejects.toThrow();
  host.behave('evt_broken', {});
  expect(await host.retry(first)).toMatchObject({ plan: { kind: 'resume', from: ['reserve/note'] } });
  await startedOf(`${first}/kait:retry-1`);
  await host.result(`${first}/kait:retry-1`);
  expect(host.asked('evt_broken')).toEqual(['order', 'reserve/stock', 'reserve/note', 'reserve/note']);
});

it('does not retry a child run by itself, with or without a run that waits for it, and says so', async () => {
  host.behave('evt_children', { note: 'fails', tell: 'fails' });
  const children: Record<string, Definition> = {
    reserve: { ...{ name: 'reserve', on: 'run' }, steps: [post('note')] },
    inform: { ...{ name: 'inform', on: 'run' }, steps: [post('tell')] },
    count: { ...{ name: 'count', on: 'run' }, steps: [post('add')] },
    later: { ...{ name: 'later', on: 'run' }, steps: [{ id: 'rest', wait: '1h' }] },
  };
  const steps: Definition['steps'] = [
    { id: 'inform', run: 'inform', detach: true },
    { id: 'later', run: 'later', detach: true },
    { id: 'count', run: 'count' },
    { id: 'reserve', run: 'reserve' },
  ];
  const first = await host.start('evt_children', definitionOf(steps), children);
  await expect(host.result(first)).rejects.toThrow();
  await expect(host.result(`${first}/inform`)).rejects.toThrow();
  const failed = { refused: 'child', ended: 'failed', detail: first };
  expect(await host.retry(`${first}/inform`)).toMatchObject(failed);
  expect(await host.retry(`${first}/reserve`)).toMatchObject(failed);
  expect(await host.retry(`${first}/later`)).toMatchObject({ refused: 'child', ended: 'running', detail: first });
  expect(await host.retry(`${first}/count`)).toMatchObject({ refused: 'completed' });
  await host.client.workflow.getHandle(`${first}/later`).terminate();
  await vi.waitFor(async () => {
    const { items } = await host.retryFailed({ dryRun: true });
    const mine = items.filter(({ of }) => of.startsWith(first)).map(({ of, refused }) => [of, refused]);
    expect(mine.sort()).toEqual([
      [first, null],
      [`${first}/inform`, 'child'],
    ]);
  });
});

it('goes on from a run that was terminated amid a step', async () => {
  host.behave('evt_killed', {});
  const first = await host.start(
    'evt_killed',
    definitionOf([undoable('order'), { id: 'rest', wait: '1h' }, post('ship')]),
  );
  await vi.waitFor(() => expect(host.asked('evt_killed')).toEqual(['order']), { timeout: 20_000 });
  await vi.waitFor(async () => {
    const [, rest] = await host.client.workflow.getHandle(first).query<{ status: string }[]>('progress');
    expect(rest?.status).toBe('running');
  });
  await host.client.workflow.getHandle(first).terminate('an operator was too fast');
  expect(await host.retry(first)).toMatchObject({ ended: 'terminated', plan: { kind: 'resume', stands: ['order'] } });
  await startedOf(`${first}/kait:retry-1`);
  await host.client.workflow.getHandle(`${first}/kait:retry-1`).cancel();
  await expect(host.result(`${first}/kait:retry-1`)).rejects.toThrow();
  expect(host.asked('evt_killed')).toEqual(['order', 'order/undo']);
});

it('refuses a run whose undo failed until somebody says whether its effect stands', async () => {
  host.behave('evt_stuck', { ship: 'fails', 'order/undo': 'fails' });
  const first = await host.start('evt_stuck', definitionOf([undoable('order'), post('ship')]));
  await expect(host.result(first)).rejects.toThrow();
  host.behave('evt_stuck', {});
  expect(await host.retry(first)).toMatchObject({ refused: 'undo-failed', detail: 'order', run: null });
  expect(await host.retry(first, { undoFailed: 'stands' })).toMatchObject({ refused: null });
  await startedOf(`${first}/kait:retry-1`);
  await host.result(`${first}/kait:retry-1`);
  expect(host.asked('evt_stuck')).toEqual(['order', 'ship', 'order/undo', 'ship']);
});

it('refuses runs that go on, and what is no run of its own', async () => {
  const first = await host.start('evt_open', definitionOf([{ id: 'rest', wait: '1h' }]));
  await vi.waitFor(async () => {
    expect(await host.retry(first)).toMatchObject({ refused: 'running', run: null, detail: 'it is waiting at rest' });
  });
  expect(await host.retry(`${first}/rest`)).toMatchObject({ refused: 'unknown' });
  expect(await host.retry('')).toMatchObject({ refused: 'unknown' });
  await host.client.workflow.getHandle(first).terminate();
});

it('seals nothing that a run says which Kait did not start', async () => {
  const forged = await host.start('evt_forged', definitionOf([post('order')]));
  await host.result(forged);
  const { taskQueue } = await host.client.workflow.getHandle(forged).describe();
  await host.client.connection.workflowService.deleteWorkflowExecution({
    namespace: inject('temporal').namespace,
    workflowExecution: { workflowId: forged },
  });
  const input = { definition: definitionOf([post('steal')]), definitionHash: 'h', event: { id: 'x', source: 's' } };
  const begin = () =>
    host.client.workflow.start('order-paid', {
      ...{ workflowId: forged, taskQueue },
      args: [{ ...input, localActivities: [], seal: '0'.repeat(64) }],
    });
  const handle = await vi.waitFor(begin, { timeout: 60_000, interval: 500 });
  await expect(handle.result()).rejects.toThrow();
  expect(await host.retry(forged)).toMatchObject({ refused: 'not-genuine', run: null });
});

it('retries all that have failed of a definition, and nothing when it is told so a second time', async () => {
  const name = 'ship-goods';
  const bulk = definitionOf([post('ship')], { name });
  const ids = ['evt_bulk_1', 'evt_bulk_2', 'evt_bulk_3'];
  for (const id of ids) host.behave(id, { ship: id === 'evt_bulk_3' ? 'works' : 'fails' });
  const started = await Promise.all(ids.map((id) => host.start(id, bulk)));
  await Promise.allSettled(started.map((id) => host.result(id)));
  for (const id of ids) host.behave(id, {});
  const failed = () => host.retryFailed({ definition: name, dryRun: true });
  await vi.waitFor(async () => expect((await failed()).items).toHaveLength(2), { timeout: 20_000 });
  const page = await host.retryFailed({ definition: name, limit: 1 });
  expect(page.items).toHaveLength(1);
  const rest = await host.retryFailed({ definition: name, after: page.next });
  expect([...page.items, ...rest.items].map(({ refused }) => refused)).toEqual([null, null]);
  expect(await host.retryFailed({ definition: name })).toMatchObject({ items: [], next: null });
  const retries = [...page.items, ...rest.items].map(({ run }) => run!);
  await Promise.all(retries.map((run) => startedOf(run).then(() => host.result(run))));
  expect(await host.retryFailed({ definition: name })).toMatchObject({ items: [], next: null });
  expect(ids.map((id) => host.asked(id))).toEqual([['ship', 'ship'], ['ship', 'ship'], ['ship']]);
  expect(await host.retryFailed({ definition: name, since: '2099-01-01T00:00:00Z' })).toMatchObject({ items: [] });
});

it('starts a retry once though the server stops after it was asked for, and again after the start', async () => {
  host.behave('evt_crash', { ship: 'fails' });
  const first = await host.start('evt_crash', definitionOf([post('ship')]));
  await expect(host.result(first)).rejects.toThrow();
  host.behave('evt_crash', {});
  await host.retry(first);
  const run = `${first}/kait:retry-1`;
  await startedOf(run);
  await host.result(run);
  // As it is if the server stops between the start and its record.
  const event = sampleEvent({ id: 'evt_crash' });
  const input = JSON.stringify({ definition: definitionOf([]), definitionHash: 'h', event, localActivities: [] });
  await database.run('forget', `update rescues set state = 'pending', input = $2 where workflow_id = $1`, [run, input]);
  await database.run('forget-run', `delete from runs where workflow_id = $1`, [run]);
  await startedOf(run);
  expect(host.asked('evt_crash')).toEqual(['ship', 'ship']);
  // And if it has stopped for a day.
  await database.run(
    'doubt',
    `update rescues set state = 'pending', input = $2, begun_at = now() - interval '1 day' where workflow_id = $1`,
    [run, input],
  );
  const rowOf = async () => (await database.orm.select().from(rescues)).find((row) => row.workflowId === run);
  await vi.waitFor(async () => expect(await rowOf()).toMatchObject({ state: 'refused', input: null }), {
    timeout: 20_000,
  });
});

it('goes on with the corrected definition, whose beginning is unchanged, and shows both before', async () => {
  const name = 'correct-url';
  const old = definitionOf([post('order'), post('ship')], { name });
  host.behave('evt_current', { ship: 'fails' });
  const first = await host.start('evt_current', old);
  await expect(host.result(first)).rejects.toThrow();
  expect(await host.retry(first, { current: true })).toMatchObject({ refused: 'definition', run: null });
  host.serve({ ...old, steps: [post('first'), ...old.steps] });
  expect(await host.retry(first, { current: true })).toMatchObject({
    refused: 'definition',
    detail: 'the step "order" has run, and is not at its place any more',
  });
  host.behave('evt_current', {});
  const ship = { id: 'ship', http: 'https://new.example/', method: 'POST', body: { note: '{{vars.note}}' } } as Step;
  const corrected = { ...old, vars: { note: 'corrected' }, steps: [post('order'), ship, post('tell')] };
  host.serve(corrected);
  expect(await host.retry(first, { current: true, dryRun: true })).toMatchObject({
    refused: null,
    definitions: { before: old, after: corrected },
  });
  await host.retry(first, { current: true });
  await startedOf(`${first}/kait:retry-1`);
  await host.result(`${first}/kait:retry-1`);
  expect(host.asked('evt_current')).toEqual(['order', 'ship', 'ship', 'tell']);
});

/** Resolves once the run is parked at so many steps. */
async function parkedAt(workflowId: string, count: number): Promise<void> {
  await vi.waitFor(
    async () => {
      const { parked } = await host.client.workflow.getHandle(workflowId).query<{ parked: string[] }>('open');
      expect(parked).toHaveLength(count);
    },
    { timeout: 30_000, interval: 100 },
  );
}

const auditOf = async (target: string) =>
  (await database.orm.select().from(audit).orderBy(asc(audit.id))).filter((row) => row.target === target);

it('tries the step again at which a run is parked, once, and asks which one if there are several', async () => {
  host.behave('evt_parked', { one: 'fails', two: 'fails' });
  const branches: Step = { id: 'both', parallel: [post('one'), post('two')] };
  const first = await host.start('evt_parked', definitionOf([branches], { name: 'parks', onFail: 'park' }));
  await parkedAt(first, 2);
  // In the order in which they parked, which is not that of the branches.
  const steps = expect.toSatisfy((keys: string[]) => [...keys].sort().join() === 'one,two') as unknown;
  const detail = expect.stringMatching(/^(one, two|two, one)$/) as unknown;
  expect(await host.retry(first)).toMatchObject({ refused: 'which-step', detail, steps });
  expect(await host.retry(first, { all: true, dryRun: true })).toMatchObject({ refused: null, steps });
  host.behave('evt_parked', { two: 'fails' });
  expect(await host.retry(first, { all: true })).toMatchObject({ refused: null, run: null, steps });
  await parkedAt(first, 1);
  await vi.waitFor(() => expect(host.asked('evt_parked')).toHaveLength(4));
  host.behave('evt_parked', {});
  const answers = await Promise.all([host.retry(first), host.retry(first)]);
  expect(answers.map(({ refused }) => refused).sort()).toContain(null);
  await host.result(first);
  expect(host.asked('evt_parked').sort()).toEqual(['one', 'one', 'two', 'two', 'two']);
  expect(await host.retry(first)).toMatchObject({ refused: 'completed' });
});

it('rescues a parked run by the corrected definition, which it takes, and then tries the step again', async () => {
  const name = 'correct-parked';
  const ship = (url: string): Step => ({ id: 'ship', http: url, method: 'POST' });
  const old = definitionOf([post('order'), ship('https://wrong.example/')], { name, onFail: 'park' });
  host.behave('evt_corrected', { ship: 'fails' });
  const first = await host.start('evt_corrected', old);
  await parkedAt(first, 1);
  expect(await host.retry(first, { current: true })).toMatchObject({ refused: 'definition', steps: [] });
  const corrected = { ...old, steps: [post('order'), ship('https://right.example/')], output: 'corrected' };
  host.serve(corrected);
  const definitions = { before: old, after: corrected };
  expect(await host.retry(first, { current: true, dryRun: true })).toMatchObject({ steps: ['ship'], definitions });
  expect(host.asked('evt_corrected')).toEqual(['order', 'ship']);
  host.behave('evt_corrected', {});
  expect(await host.retry(first, { current: true })).toMatchObject({ refused: null, steps: ['ship'], definitions });
  expect(await host.result(first)).toBe('corrected');
  expect(host.asked('evt_corrected')).toEqual(['order', 'ship', 'ship']);
  expect((await auditOf(first)).map(({ action, actor }) => [action, actor])).toEqual([
    ['migrate', 'ana@ops'],
    ['retry', 'ana@ops'],
  ]);
});

it('has the runs of a definition take the served one, leaves others alone, and does nothing the second time', async () => {
  const name = 'waits-long';
  const rest: Step = { id: 'rest', wait: '1d' };
  const old = definitionOf([post('order'), rest], { name });
  const busy = definitionOf([post('order'), rest], { name, onFail: 'park', output: 'other' });
  host.behave('evt_migrate_3', { order: 'fails' });
  const ids = [
    ...(await Promise.all(['evt_migrate_1', 'evt_migrate_2'].map((id) => host.start(id, old)))),
    await host.start('evt_migrate_3', busy),
  ];
  const changed = { ...old, steps: [post('order'), rest, post('tell')], output: 'new' };
  host.serve({ ...changed, steps: [{ id: 'order', http: 'https://other.example/' }, rest] });
  await vi.waitFor(
    async () => {
      const { items } = await host.migrateAll(name, { dryRun: true });
      expect(
        items
          .map(({ refused, detail }) => [refused, detail])
          .sort(([one], [other]) => String(one).localeCompare(String(other))),
      ).toEqual([
        ['definition', 'The run cannot go on with this definition: the step "order" has ended, and was changed'],
        ['definition', 'The run cannot go on with this definition: the step "order" has ended, and was changed'],
        [null, null],
      ]);
    },
    { timeout: 30_000, interval: 200 },
  );
  host.serve(changed);
  const page = await host.migrateAll(name, { limit: 2 });
  const rest2 = await host.migrateAll(name, { limit: 2, after: page.next });
  expect([...page.items, ...rest2.items].map(({ refused }) => refused)).toEqual([null, null, null]);
  await vi.waitFor(
    async () => {
      const { items } = await host.migrateAll(name);
      expect(items.map(({ refused }) => refused)).toEqual(['same', 'same', 'same']);
    },
    { timeout: 30_000, interval: 200 },
  );
  const hashes = (await database.orm.select().from(runs)).filter(({ workflowId }) => ids.includes(workflowId));
  expect(new Set(hashes.map(({ definitionHash }) => definitionHash)).size).toBe(1);
  const audited = (await Promise.all(ids.map(auditOf))).flat().map(({ action }) => action);
  expect(audited).toEqual(['migrate', 'migrate', 'migrate']);
  expect(await host.command(ids[0] ?? '', { verb: 'skip', step: 'rest' })).toEqual({ kind: 'done' });
  expect(await host.result(ids[0] ?? '')).toBe('new');
  expect(host.asked('evt_migrate_1')).toEqual(['order', 'tell']);
  await Promise.all(ids.slice(1).map((id) => host.client.workflow.getHandle(id).terminate()));
  expect(await host.migrate(ids[0] ?? '')).toMatchObject({ refused: 'ended' });
  expect(await host.migrate('nobody')).toMatchObject({ refused: 'unknown' });
});

it('lets one of two operators migrate a run, and records it once', async () => {
  const name = 'migrated-twice';
  const old = definitionOf([{ id: 'rest', wait: '1d' }], { name });
  const first = await host.start('evt_migrate_twice', old);
  host.serve({ ...old, output: 'new' });
  await vi.waitFor(async () => expect(await host.migrate(first, { dryRun: true })).toMatchObject({ refused: null }), {
    timeout: 30_000,
  });
  const answers = await Promise.all([host.migrate(first), host.migrate(first), host.migrate(first)]);
  expect(answers.filter(({ refused }) => refused === null)).toHaveLength(1);
  expect(await auditOf(first)).toHaveLength(1);
  expect(await host.command(first, { verb: 'skip', step: 'rest' })).toEqual({ kind: 'done' });
  expect(await host.result(first)).toBe('new');
});

it('retries a migrated run that has failed since, with the definition that it had then', async () => {
  const name = 'migrated-and-failed';
  const rest: Step = { id: 'rest', wait: '1d' };
  const old = definitionOf([undoable('order'), rest], { name });
  host.behave('evt_migrate_fail', { ship: 'fails' });
  const first = await host.start('evt_migrate_fail', old);
  host.serve({ ...old, steps: [undoable('order'), rest, post('ship')] });
  await vi.waitFor(async () => expect(await host.migrate(first)).toMatchObject({ refused: null }), { timeout: 30_000 });
  expect(await host.command(first, { verb: 'skip', step: 'rest' })).toEqual({ kind: 'done' });
  await expect(host.result(first)).rejects.toThrow();
  host.behave('evt_migrate_fail', {});
  const { run } = await host.retry(first);
  await startedOf(run ?? '');
  await vi.waitFor(
    () => host.command(run ?? '', { verb: 'skip', step: 'rest' }).then((done) => expect(done.kind).toBe('done')),
    {
      timeout: 30_000,
    },
  );
  await host.result(run ?? '');
  expect(host.asked('evt_migrate_fail')).toEqual(['order', 'ship', 'order/undo', 'order~2', 'ship']);
});

/** A shop that honours idempotency keys: it answers a repeated one as it did at first, and does nothing. */
function answersOnce(shop: HttpReceiver) {
  const acted: { path: string; answer: { status: number; body: object } }[] = [];
  const known = new Map<string, { status: number; body: object }>();
  const canceled = new Set<unknown>();
  let lost = new Set<string>();
  const act = (path: string, body: { order?: unknown }) => {
    if (path === '/orders') return { status: 201, body: { order: `order-${acted.length}` } };
    if (path === '/orders/cancel') canceled.add(body.order);
    return { status: canceled.has(body.order) && path === '/ship' ? 409 : 200, body: {} };
  };
  shop.answer((response, { path, headers, body }) => {
    const key = String(headers['idempotency-key']);
    const first = known.get(key) ?? act(path, JSON.parse(body) as { order?: unknown });
    if (!known.has(key)) acted.push({ path, answer: first });
    known.set(key, first);
    if (lost.delete(path)) return void response.destroy();
    response.writeHead(first.status, { 'content-type': 'application/json' }).end(JSON.stringify(first.body));
  });
  return {
    acted: () => acted.map(({ path, answer }) => `${path} ${answer.status}`),
    /** Does what it is asked once more, and does not say so. */
    loseAnswer: (path: string) => void (lost = new Set([path])),
  };
}

it('has a receiver that honours idempotency keys do again what was undone, and nothing that stands', async () => {
  const shop = await startHttpReceiver();
  const { acted, loseAnswer } = answersOnce(shop);
  const request = (id: string, path: string, body: JsonObject): Step => ({
    ...{ id, http: `${shop.origin}${path}`, method: 'POST', body, retry: { attempts: 1 } },
  });
  const order = '{{steps.order.body.order}}';
  const cancel = { http: `${shop.origin}/orders/cancel`, method: 'POST', body: { order } } as const;
  const definition = definitionOf(
    [
      { ...request('order', '/orders', { of: '{{event.payment.orderId}}' }), undo: cancel },
      ...[request('tell', '/tell', {}), request('charge', '/charge', {}), request('ship', '/ship', { order })],
    ],
    { name: 'real-shop', output: order },
  );
  loseAnswer('/charge');
  const first = await host.start('evt_real_shop', definition);
  await expect(host.result(first)).rejects.toThrow();
  expect(await host.retry(first)).toMatchObject({ plan: { again: ['order'], stands: ['tell'], inDoubt: ['charge'] } });
  await startedOf(`${first}/kait:retry-1`);
  expect(await host.result(`${first}/kait:retry-1`)).toBe('order-4');
  expect(acted()).toEqual([
    ...['/orders 201', '/tell 200', '/charge 200', '/orders/cancel 200'],
    ...['/orders 201', '/ship 200'],
  ]);
  expect(shop.received.map(({ path }) => path)).toEqual([
    ...['/orders', '/tell', '/charge', '/orders/cancel'],
    ...['/orders', '/charge', '/ship'],
  ]);
  await shop.close();
});

const hasty = { timeout: '1s', retry: { attempts: 3, first: '10ms' } } as const;

it('goes on with a rescue although the answers of its steps are lost, and does nothing twice', async () => {
  host.behave('evt_kill_rescue', { ship: 'fails' });
  const steps = [
    { ...undoable('order'), ...hasty },
    { ...post('ship'), ...hasty },
  ];
  const first = await host.start(
    'evt_kill_rescue',
    definitionOf(steps, { name: 'killed', output: '{{steps.order.id}}' }),
  );
  await expect(host.result(first)).rejects.toThrow();
  host.behave('evt_kill_rescue', { order: 'hangs', ship: 'hangs' });
  const answers = await Promise.all([host.retry(first), host.retry(first)]);
  expect(answers.map(({ refused }) => refused).sort()).toEqual(['being-retried', null]);
  await startedOf(`${first}/kait:retry-1`);
  const output = await host.result(`${first}/kait:retry-1`);
  host.release();
  expect(output).toBe(host.did('evt_kill_rescue', 'order~2'));
  expect(host.asked('evt_kill_rescue')).toEqual([
    ...['order', 'ship', 'order/undo'],
    ...['order~2', 'order~2', 'ship', 'ship'],
  ]);
  expect((await auditOf(`${first}/kait:retry-1`)).map(({ action }) => action)).toEqual(['retry-run']);
});

it('goes on with a migration although it is not told that it is recorded, and records it once', async () => {
  const old = definitionOf([post('order'), { id: 'rest', wait: '1d' }], { name: 'killed-amid-migration' });
  const first = await host.start('evt_kill_migration', old);
  const next = { ...old, steps: [...old.steps, { ...post('tell'), ...hasty }], output: 'new' };
  host.serve(next);
  await vi.waitFor(async () => expect(await host.migrate(first, { dryRun: true })).toMatchObject({ refused: null }), {
    timeout: 30_000,
  });
  host.behave('evt_kill_migration', { tell: 'hangs' });
  host.loseRecords();
  expect(await host.migrate(first)).toMatchObject({ refused: null });
  await vi.waitFor(async () => expect(await host.migrate(first)).toMatchObject({ refused: 'same' }), {
    timeout: 30_000,
  });
  expect((await auditOf(first)).map(({ action }) => action)).toEqual(['migrate']);
  expect(await host.command(first, { verb: 'skip', step: 'rest' })).toEqual({ kind: 'done' });
  expect(await host.result(first)).toBe('new');
  host.release();
  expect(host.asked('evt_kill_migration')).toEqual(['order', 'tell', 'tell']);
  const [known] = await database.orm.select().from(runs).where(eq(runs.workflowId, first));
  expect(known?.definitionHash).toBe(hashOf(next));
});

const turnsNow = async () =>
  (await database.orm.select().from(turns)).map(({ workflowId, state }) => [workflowId, state]);

it('gives the retry of an ordered run the key that the failed one keeps', async () => {
  const definition = definitionOf([post('ship')], { name: 'blocks', key: '{{event.entity}}', onPoison: 'block' });
  host.behave('evt_blocks', { ship: 'fails' });
  const first = await host.start('evt_blocks', definition);
  await expect(host.result(first)).rejects.toThrow();
  expect(await turnsNow()).toEqual([[first, 'blocked']]);
  host.behave('evt_blocks', { ship: 'hangs' });
  await host.retry(first);
  await startedOf(`${first}/kait:retry-1`);
  await vi.waitFor(() => expect(host.asked('evt_blocks')).toHaveLength(2), { timeout: 30_000 });
  expect(await turnsNow()).toEqual([[`${first}/kait:retry-1`, 'holding']]);
  host.release();
  await host.result(`${first}/kait:retry-1`);
  expect(await turnsNow()).toEqual([]);
  expect(host.asked('evt_blocks')).toEqual(['ship', 'ship']);
});

it('has the retry of an ordered run wait until it is its turn', async () => {
  const definition = definitionOf([post('ship')], { name: 'ordered', key: '{{event.entity}}' });
  host.behave('evt_turn_1', { ship: 'fails' });
  const first = await host.start('evt_turn_1', definition);
  await expect(host.result(first)).rejects.toThrow();
  host.behave('evt_turn_1', {});
  host.behave('evt_turn_2', { ship: 'hangs' });
  const second = await host.start('evt_turn_2', definition);
  await vi.waitFor(() => expect(host.asked('evt_turn_2')).toEqual(['ship']), { timeout: 30_000 });
  expect(await host.retry(first)).toMatchObject({ refused: null });
  const run = `${first}/kait:retry-1`;
  const rowOf = async () => (await database.orm.select().from(rescues).where(eq(rescues.workflowId, run)))[0];
  await vi.waitFor(async () => expect(await rowOf()).toMatchObject({ lastError: 'It waits for its turn' }), {
    timeout: 30_000,
  });
  expect(await host.retry(first)).toMatchObject({ refused: 'being-retried', run });
  expect(host.asked('evt_turn_1')).toEqual(['ship']);
  host.release();
  await host.result(second);
  await startedOf(run);
  await host.result(run);
  expect(host.asked('evt_turn_1')).toEqual(['ship', 'ship']);
  expect(await rowOf()).toMatchObject({ state: 'started', lastError: null });
  expect(await turnsNow()).toEqual([]);
});

/** What Temporal's lists find the run by. */
async function attributesOf(workflowId: string) {
  const { typedSearchAttributes } = await host.client.workflow.getHandle(workflowId).describe();
  return Object.fromEntries(Object.values(searchAttributes).map((key) => [key.name, typedSearchAttributes.get(key)]));
}

it('lets retried and migrated runs be found as the first ones are, and show how they stand', async () => {
  const found = {
    ...{ KaitDefinition: 'is-found', KaitSource: 'stripe', KaitEventType: 'payment.succeeded', KaitEntity: 'pi_1' },
    ...{ KaitOrder: 'ORDER-1', KaitPayment: 'pi_1', KaitAmount: 2_500_000 },
    KaitCustomer: customerHashOf(sampleInstallation(), 'sari@shop.example'),
  };
  host.behave('evt_found', { ship: 'fails' });
  const old = definitionOf([post('ship'), { id: 'rest', wait: '1d' }], { name: 'is-found' });
  const first = await host.start('evt_found', old);
  await expect(host.result(first)).rejects.toThrow();
  expect(await attributesOf(first)).toMatchObject(found);
  host.behave('evt_found', {});
  await host.retry(first);
  const run = `${first}/kait:retry-1`;
  await startedOf(run);
  const waiting = { ...found, KaitState: 'waiting', KaitStep: 'rest' };
  await vi.waitFor(async () => expect(await attributesOf(run)).toEqual(waiting), { timeout: 30_000 });
  host.serve({ ...old, output: 'new' });
  expect(await host.migrate(run)).toMatchObject({ refused: null, run });
  await vi.waitFor(async () => expect(await host.migrate(run)).toMatchObject({ refused: 'same' }), { timeout: 30_000 });
  expect(await attributesOf(run)).toEqual(waiting);
  expect(await host.command(run, { verb: 'skip', step: 'rest' })).toEqual({ kind: 'done' });
  expect(await host.result(run)).toBe('new');
  expect(await attributesOf(run)).toMatchObject(found);
});
