import { asc } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Definition } from '../../../language/definition.ts';
import type { Database } from '../../../storage/database.ts';
import { audit } from '../../../storage/schema.ts';
import { openTestDatabase } from '../../services/open-test-database.ts';
import { deleteEvents, storedEvents } from '../stored-events.ts';
import { openApi, problem } from './api-fixture.ts';

const schema = {
  type: 'object',
  properties: { orderId: { type: 'string' } },
  required: ['orderId'],
  additionalProperties: false,
};
const definitions = (
  [
    ['give-back', { manual: schema }],
    ['report', { schedule: '0 8 * * *', timezone: 'Asia/Jakarta' }],
    ['paid', { event: 'payment.succeeded' }],
  ] satisfies [string, Definition['on']][]
).map(([name, on]) => ({
  ...{ definition: { name, on, steps: [] }, hash: `hash of ${name}`, file: `${name}.json`, children: {} },
}));

let database: Database;
let calls: string[];
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  calls = [];
  await database.orm.delete(audit);
  await deleteEvents(database);
});

/** A schedule in Temporal that notes what it is asked for. */
const handle = (id: string) => ({
  pause: (note: string) => Promise.resolve(void calls.push(`pause ${id}: ${note}`)),
  unpause: (note: string) => Promise.resolve(void calls.push(`resume ${id}: ${note}`)),
  describe: () => Promise.resolve({ state: { paused: true, note: 'holidays' } }),
});
const served = { definitions, awaited: [], faulty: [] };
const ask = (asked: { url: string; body?: unknown; headers?: Record<string, string> }) =>
  openApi({
    ...{ database, served, wakeDispatcher: () => void calls.push('wake') },
    schedules: () => ({ getHandle: handle }) as never,
  })({
    ...{ url: `/api/v1${asked.url}`, method: asked.body === undefined ? 'GET' : 'POST' },
    headers: { 'content-type': 'application/json', ...asked.headers },
    ...(asked.body === undefined ? {} : { body: JSON.stringify(asked.body) }),
  });
const start = (body: unknown, { name = 'give-back', key }: { name?: string; key?: string } = {}) =>
  ask({
    ...{ url: `/definitions/${name}/runs`, body },
    headers: key === undefined ? {} : { 'idempotency-key': key },
  });
const recorded = async () =>
  (await database.orm.select().from(audit).orderBy(asc(audit.id))).map(
    ({ actor, action, target, reason }) => `${actor} ${action} ${target}: ${reason}`,
  );

describe('starting a run of a definition', () => {
  const good = { input: { orderId: 'INV-7' }, reason: 'paid twice', by: 'ana' };

  it('answers with the run that is to come, and the same one for the same key', async () => {
    const run = 'kait-test/give-back/kait/manual:give-back:case-12';
    const answer = { source: 'kait', eventId: 'manual:give-back:case-12', run };
    expect(await start(good, { key: 'case-12' })).toEqual({ status: 202, body: { ...answer, repeated: false } });
    expect(await start(good, { key: 'case-12' })).toMatchObject({ status: 202, body: answer });
    expect(await storedEvents(database)).toHaveLength(1);
    expect(await recorded()).toEqual([`ana (admin token) start ${run}: paid twice`]);
    expect(calls).toEqual(['wake']);
  });

  it.each<[string, unknown, object, number, string]>([
    ['an input that does not fit', { ...good, input: { orderId: 7 } }, {}, 422, 'input-invalid'],
    ['no input', { reason: 'r' }, {}, 400, 'invalid-request'],
    ['no reason', { input: {} }, {}, 400, 'invalid-request'],
    ['something else beside them', { ...good, force: true }, {}, 400, 'invalid-request'],
    ['a definition that is not served', good, { name: 'refund' }, 404, 'not-found'],
    ['a name that every object has', good, { name: 'constructor' }, 404, 'not-found'],
    ['a definition that an event starts', good, { name: 'paid' }, 409, 'not-manual'],
    ['a scheduled definition', good, { name: 'report' }, 409, 'not-manual'],
  ])('is refused with %s', async (_what, body, target, status, code) => {
    expect(await start(body, target)).toMatchObject({ status, body: problem(status, code) });
    expect(await storedEvents(database)).toEqual([]);
    expect(await recorded()).toEqual([]);
  });

  it('is refused if the key came before with another input', async () => {
    await start(good, { key: 'case-13' });
    const other = await start({ ...good, input: { orderId: 'INV-8' } }, { key: 'case-13' });
    expect(other.status).toBe(422);
    expect(await storedEvents(database)).toHaveLength(1);
  });

  it('takes an input that is as large as a webhook may be, and no larger one', async () => {
    expect(await start({ ...good, input: { orderId: 'x'.repeat(1024 * 1024 - 100) } })).toMatchObject({ status: 202 });
    expect(await start({ ...good, input: { orderId: 'x'.repeat(1024 * 1024) } })).toMatchObject({ status: 422 });
    expect(await start({ ...good, input: { orderId: 'x'.repeat(2 * 1024 * 1024) } })).toMatchObject({ status: 413 });
  });
});

describe('the definitions that are served', () => {
  it('are listed by their names, with what starts their runs', async () => {
    const { body } = await ask({ url: '/definitions' });
    expect(body).toMatchObject({
      items: [
        { name: 'give-back', title: null, hash: 'hash of give-back', startedBy: 'manual' },
        { name: 'paid', title: null, hash: 'hash of paid', startedBy: 'event' },
        { name: 'report', title: null, hash: 'hash of report', startedBy: 'schedule' },
      ],
      next: null,
    });
  });

  it('are shown as they are served', async () => {
    expect(await ask({ url: '/definitions/give-back' })).toMatchObject({
      status: 200,
      body: { name: 'give-back', definition: { name: 'give-back', on: { manual: schema }, steps: [] }, children: {} },
    });
    expect(await ask({ url: '/definitions/__proto__' })).toMatchObject({ status: 404 });
  });
});

describe('the schedules', () => {
  const wish = { reason: 'holidays', by: 'ana' };

  it('are listed with their next times and their state in Temporal', async () => {
    const { body } = await ask({ url: '/schedules' });
    expect(body).toMatchObject({
      items: [
        {
          ...{ definition: 'report', schedule: ['0 8 * * *'], timezone: 'Asia/Jakarta', catchUp: '1h' },
          ...{ paused: true, note: 'holidays', lastFor: null },
          next: Array.from({ length: 5 }, () => expect.stringMatching(/T01:00:00\.000Z$/) as unknown),
        },
      ],
    });
  });

  it('are paused and resumed in Temporal, and the audit says by whom and why', async () => {
    expect(await ask({ url: '/schedules/report/pause', body: wish })).toEqual({ status: 200, body: { paused: true } });
    expect(await ask({ url: '/schedules/report/resume', body: wish })).toEqual({
      status: 200,
      body: { paused: false },
    });
    const note = 'ana (admin token): holidays';
    expect(calls).toEqual([`pause kait-test/schedule/report: ${note}`, `resume kait-test/schedule/report: ${note}`]);
    expect(await recorded()).toEqual([
      'ana (admin token) pause-schedule report: holidays',
      'ana (admin token) resume-schedule report: holidays',
    ]);
  });

  it('start a run at once if somebody asks for it', async () => {
    const { status, body } = await ask({ url: '/schedules/report/runs', body: wish });
    expect(status).toBe(202);
    const run = expect.stringMatching(/^kait-test\/report\/kait\/schedule:report:\d{4}-.*Z$/) as unknown;
    expect(body).toEqual({ source: 'kait', eventId: expect.stringMatching(/^schedule:report:/) as unknown, run });
    expect(calls).toEqual(['wake']);
    const { body: after } = await ask({ url: '/schedules' });
    expect(after).toMatchObject({ items: [{ lastFor: expect.stringMatching(/\.000Z$/) as unknown }] });
  });

  it.each(['pause', 'resume', 'runs'])('are only those of scheduled definitions: %s', async (verb) => {
    expect(await ask({ url: `/schedules/paid/${verb}`, body: wish })).toMatchObject({ status: 404 });
    expect(await ask({ url: `/schedules/nothing/${verb}`, body: wish })).toMatchObject({ status: 404 });
    expect(await ask({ url: `/schedules/report/${verb}`, body: {} })).toMatchObject({ status: 400 });
    expect([calls, await recorded(), await storedEvents(database)]).toEqual([[], [], []]);
  });
});
