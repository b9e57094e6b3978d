import { asc } from 'drizzle-orm';
import { afterAll, beforeAll, expect, inject, it, vi } from 'vitest';
import type { Definition, Step } from '../../../language/definition.ts';
import type { Database } from '../../../storage/database.ts';
import { audit, rescues, runs } from '../../../storage/schema.ts';
import { openTestDatabase } from '../../services/open-test-database.ts';
import { sampleEvent } from '../sample-event.ts';
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
  expect(await host.retry(first)).toMatchObject({ refused: 'running', run: null });
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
  const rest = await host.retryFailed({ definition: name, before: page.next! });
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
