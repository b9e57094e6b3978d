import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCatalogue } from '../../../activities/catalogue.ts';
import { externalEntry } from '../../../activities/external-entry.ts';
import { checkEditedInput } from '../../../server/runs/check-edited-input.ts';
import type { RunReading } from '../../../server/runs/read-run.ts';
import { findFullRun } from '../../../server/runs/run-details.ts';
import type { Database } from '../../../storage/database.ts';
import { audit, definitions, deliveries, messages, rescues, runs } from '../../../storage/schema.ts';
import { details, step } from '../../cli/runs/sample-run.ts';
import { openTestDatabase } from '../../services/open-test-database.ts';
import { openApi } from '../api/api-fixture.ts';
import { insertEvent } from '../stored-events.ts';

const run = 'kait-1/order/stripe/evt_1';
const retry = `${run}/kait:retry-1`;
const at = new Date('2026-01-01T00:00:00Z');
const definition = {
  name: 'order',
  on: { event: 'payment.succeeded' },
  steps: [
    { id: 'tell', http: 'https://shop.example/orders' },
    { id: 'score', call: 'risk.score' },
    { id: 'rest', wait: '1d' },
  ],
};
const risk = externalEntry({
  ...{ name: 'risk.score', title: 'Score', taskQueue: 'python', limits: {}, money: false, undoable: false },
  input: {
    type: 'object',
    properties: { amount: { type: 'integer' } },
    required: ['amount'],
    additionalProperties: false,
  },
  output: { type: 'number' },
});
const activities = createCatalogue({ own: { 'risk.score': risk } }).all;

let database: Database;
beforeAll(async () => {
  database = await openTestDatabase();
  const event = await insertEvent(database, {
    ...{ gateway: 'stripe', type: 'payment.succeeded', nativeType: 'charge', entity: 'pi_1', contentType: '' },
    ...{ occurredAt: at, receivedAt: at, envelope: { id: 'kept' }, body: Buffer.from('{}') },
    ...{ eventId: 'evt_1', source: 'stripe', state: 'dispatched', attempts: 0, lastError: null },
  });
  const row = { event, definition: 'order', definitionHash: 'h', startedAt: at };
  await database.orm.insert(definitions).values({ hash: 'h', name: 'order', json: definition });
  await database.orm.insert(runs).values([
    { ...row, workflowId: run },
    { ...row, workflowId: retry },
  ]);
  const rescue = { workflowId: retry, retryOf: run, root: run, number: 1, event, definition: 'order' };
  await database.orm.insert(rescues).values({ ...rescue, definitionHash: 'h', state: 'started' });
  const message = { type: 'order.created', body: '{}', createdAt: at };
  await database.orm.insert(messages).values([
    { ...message, id: 'msg_1', idempotencyKey: `${run}/notify` },
    { ...message, id: 'msg_2', idempotencyKey: `${run}/kait:again-1/notify` },
    { ...message, id: 'msg_3', idempotencyKey: `${run}0/notify` },
  ]);
  const sent = { endpoint: 'ep', url: 'https://a.example', createdAt: at };
  await database.orm.insert(deliveries).values([
    { ...sent, id: 'dlv_1', message: 'msg_1' },
    { ...sent, id: 'dlv_2', message: 'msg_2' },
    { ...sent, id: 'dlv_3', message: 'msg_3' },
  ]);
  await database.orm.insert(audit).values({ actor: 'ana', action: 'retry-run', target: retry, reason: 'it is back' });
});
afterAll(() => database.close());

const reading = (more: Partial<RunReading> = {}): RunReading => ({
  ...{ temporal: 'known', status: 'RUNNING', definition: 'order', startedAt: at.toISOString(), closedAt: null },
  ...{ historyLength: 5, calls: [], details: details(), missing: null, result: null, failure: null },
  ...more,
});
const gone = {
  temporal: 'gone',
  status: null,
  startedAt: null,
  details: null,
  missing: 'Temporal does not know it.',
} as const;
const find = (id: string, told: Partial<RunReading> = {}) =>
  findFullRun(database, id, () => Promise.resolve(reading(told)));

it('brings together the run, its deliveries, its audit and its retries', async () => {
  const links = [expect.objectContaining({ run: retry, of: run, state: 'started' })];
  expect(await find(run)).toMatchObject({
    ...{ workflowId: run, status: 'RUNNING', parent: null, audit: [], retries: links },
    deliveries: [{ id: 'dlv_1', step: 'notify', state: 'pending' }],
  });
  expect(await find(retry)).toMatchObject({
    ...{ workflowId: retry, retries: links, deliveries: [{ id: 'dlv_1' }] },
    audit: [{ actor: 'ana', action: 'retry-run', reason: 'it is back' }],
  });
});

it('tells what is stored of a run that Temporal has forgotten', async () => {
  expect(await find(run, gone)).toMatchObject({
    ...{ temporal: 'gone', status: 'Unknown', details: null, missing: 'Temporal does not know it.' },
    ...{ startedAt: at.toISOString(), deliveries: [{ id: 'dlv_1' }] },
  });
});

it('finds a child run, as long as Temporal knows it', async () => {
  expect(await find(`${run}/invoice`, { definition: 'invoice' })).toMatchObject({
    ...{ workflowId: `${run}/invoice`, parent: run, definition: 'invoice', deliveries: [] },
  });
  expect(await find(`${run}/invoice`, gone)).toBeUndefined();
  expect(await find('kait-1/none/stripe/evt_1')).toBeUndefined();
});

it('is what the API answers, also if the run is named by its order, and only if Kait has started it', async () => {
  const told = reading({
    details: details({ steps: [step('order', { branches: [{ label: 'do', steps: [step('in')] }] })] }),
  });
  const api = openApi({ database, readRun: () => Promise.resolve(told), webUiOf: (id) => `http://ui/${id}` });
  const { status, body } = await api({ url: `/api/v1/runs/${encodeURIComponent(run)}` });
  expect(status).toBe(200);
  expect(body).toMatchObject({ workflowId: run, webUi: `http://ui/${run}`, details: { steps: [{ id: 'order' }] } });
  expect(await api({ url: '/api/v1/runs/evt_1' })).toMatchObject({ status: 409, body: { code: 'several-runs' } });
  expect(await api({ url: '/api/v1/runs/nobody' })).toMatchObject({ status: 404 });
  expect(await api({ url: '/api/v1/runs/nobody/watch' })).toMatchObject({ status: 404 });
  const headers = { 'last-event-id': 'made.up' };
  expect(await api({ url: `/api/v1/runs/${encodeURIComponent(run)}/watch`, headers })).toMatchObject({ status: 400 });
});

it('streams what happens to a run until it ends', async () => {
  const end = reading({
    status: 'COMPLETED',
    closedAt: at.toISOString(),
    details: details({ steps: [step('order')] }),
  });
  const api = openApi({ database, readRun: () => Promise.resolve(end) });
  const { body } = await api({ url: `/api/v1/runs/${encodeURIComponent(run)}/watch` });
  expect(String(body).match(/^event: .*$/gm)).toEqual(['event: step', 'event: end']);
  const [, second = ''] = [...String(body).matchAll(/^id: (.*)$/gm)].map(([, id]) => id ?? '');
  const again = await api({
    url: `/api/v1/runs/${encodeURIComponent(run)}/watch`,
    headers: { 'last-event-id': second },
  });
  expect(String(again.body).match(/^event: .*$/gm)).toEqual(['event: end']);
});

describe('an edited input', () => {
  const check = (key: string, input: object, hash = 'h') =>
    checkEditedInput({ database, activities }, { definitionHash: hash, step: key, input: input as never });

  it.each<[string, string, object]>([
    ['an HTTP request', 'tell', { url: 'https://shop.example/orders', method: 'POST' }],
    ['an activity of another language', 'score', { amount: 5 }],
    ['a step in a loop', 'score/3', { amount: 5 }],
  ])('that fits %s is taken', async (_what, key, input) => {
    expect(await check(key, input)).toBe(true);
  });

  it.each<[string, string, object, string]>([
    ['an HTTP request', 'tell', { uri: 'x' }, '#/input/url'],
    ['an activity of another language', 'score', { amount: 'a lot' }, '#/input/amount'],
    ['one that it lacks', 'score', {}, '#/input/amount'],
  ])('that does not fit %s is refused', async (_what, key, input, pointer) => {
    await expect(check(key, input)).rejects.toMatchObject({
      ...{ status: 422, code: 'input-invalid' },
      errors: expect.arrayContaining([expect.objectContaining({ pointer })]),
    });
  });

  it.each<[string, string, string]>([
    ['definition', 'tell', 'other'],
    ['step', 'nothing', 'h'],
    ['activity of the step', 'rest', 'h'],
  ])('is left to the worker if the server knows no such %s', async (_what, key, hash) => {
    expect(await check(key, { any: 1 }, hash)).toBe(false);
  });

  it('is refused before the run hears of it', async () => {
    const api = openApi({ database, activityInputs: () => activities }); // Commanding a run fails.
    const url = `/api/v1/runs/${encodeURIComponent(run)}/steps/score/edit-input`;
    const body = JSON.stringify({ reason: 'wrong', input: { amount: 'a lot' } });
    const headers = { 'content-type': 'application/json' };
    const answer = await api({ method: 'POST', url, headers, body });
    expect(answer).toMatchObject({ status: 422, body: { code: 'input-invalid' } });
    expect(JSON.stringify(answer.body)).not.toContain('a lot');
  });
});
