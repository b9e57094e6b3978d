import { randomUUID } from 'node:crypto';
import { Client, Connection, ScheduleOverlapPolicy } from '@temporalio/client';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { ensureSearchAttributes } from '../../../server/search-attributes.ts';
import { scheduledOf, syncSchedules, type ScheduledDefinition } from '../../../server/schedules/sync-schedules.ts';
import { sampleInstallation } from '../sample-installation.ts';

const { address, namespace } = inject('temporal');
const now = () => new Date('2026-11-28T01:00:00.000Z');

let connection: Connection;
let client: Client;
let id: string;
beforeAll(async () => {
  connection = await Connection.connect({ address });
  await ensureSearchAttributes(connection, namespace);
  client = new Client({ connection, namespace });
});
afterAll(async () => {
  for await (const { scheduleId } of client.schedule.list()) {
    if (scheduleId.startsWith('schedules-')) await client.schedule.getHandle(scheduleId).delete();
  }
  await connection.close();
});
beforeEach(() => {
  id = `schedules-${randomUUID().slice(0, 8)}`;
});

const daily: ScheduledDefinition = { name: 'daily', schedule: ['0 8 * * *'], timezone: 'Asia/Jakarta', catchUp: '1h' };
const hourly: ScheduledDefinition = { name: 'hourly', schedule: ['0 * * * *'], timezone: 'UTC', catchUp: '5m' };

const sync = (wanted: ScheduledDefinition[], { mayRemove = true, installation = id } = {}) =>
  syncSchedules({ schedules: client.schedule, installation: sampleInstallation(installation), now }, wanted, {
    mayRemove,
  });
const handleOf = (name: string, installation = id) => client.schedule.getHandle(`${installation}/schedule/${name}`);
/** The names of the definitions that have a schedule, as Temporal's list says once it has caught up. */
async function names(installation = id): Promise<string[]> {
  const found: string[] = [];
  const start = `${installation}/schedule/`;
  for await (const { scheduleId } of client.schedule.list()) {
    if (scheduleId.startsWith(start)) found.push(scheduleId.slice(start.length));
  }
  return found.sort();
}

describe('the schedules of definitions', () => {
  it('are created with their times, zone and window', async () => {
    expect(await sync([daily, hourly])).toEqual(new Map());
    await expect.poll(() => names()).toEqual(['daily', 'hourly']);
    const { spec, policies, action, info } = await handleOf('daily').describe();
    expect(spec).toMatchObject({ timezone: 'Asia/Jakarta' });
    expect(policies).toEqual({
      ...{ overlap: ScheduleOverlapPolicy.ALLOW_ALL, catchupWindow: 3_600_000, pauseOnFailure: false },
    });
    expect(action).toMatchObject({ workflowType: 'kait-schedule', taskQueue: id, workflowId: `${id}/schedule/daily` });
    expect(info.nextActionTimes[0]?.toISOString().slice(10)).toBe('T01:00:00.000Z');
  });

  it('are left alone if they are right already, changed if they are not, and removed if nothing wants them', async () => {
    await sync([daily, hourly]);
    const created = await handleOf('daily').describe();
    await sync([daily, { ...hourly, schedule: ['30 * * * *'] }]);
    const [same, changed] = [await handleOf('daily').describe(), await handleOf('hourly').describe()];
    expect(same.info.lastUpdatedAt).toEqual(created.info.lastUpdatedAt);
    expect(changed.info.nextActionTimes[0]?.getUTCMinutes()).toBe(30);
    await expect.poll(() => names()).toEqual(['daily', 'hourly']);
    await sync([daily]);
    await expect.poll(() => names()).toEqual(['daily']);
  });

  it('stay paused if somebody has paused them, whatever changes', async () => {
    await sync([daily]);
    await handleOf('daily').pause('holidays');
    await sync([{ ...daily, schedule: ['0 9 * * *'] }]);
    const { state, info } = await handleOf('daily').describe();
    expect(state).toMatchObject({ paused: true, note: 'holidays' });
    expect(info.nextActionTimes[0]?.toISOString().slice(10)).toBe('T02:00:00.000Z');
  });

  it('are set once by several servers at the same time', async () => {
    const failures = await Promise.all([sync([daily, hourly]), sync([daily, hourly]), sync([daily, hourly])]);
    expect(failures).toEqual([new Map(), new Map(), new Map()]);
    await expect.poll(() => names()).toEqual(['daily', 'hourly']);
  });

  it('are removed by several servers at the same time', async () => {
    await sync([daily, hourly]);
    await expect.poll(() => names()).toEqual(['daily', 'hourly']);
    expect(await Promise.all([sync([]), sync([])])).toEqual([new Map(), new Map()]);
    await expect.poll(() => names()).toEqual([]);
  });

  it('stay while a file has a mistake, since they may be that file’s', async () => {
    await sync([daily, hourly]);
    await expect.poll(() => names()).toEqual(['daily', 'hourly']);
    await sync([daily], { mayRemove: false });
    expect(await names()).toEqual(['daily', 'hourly']);
  });

  it('of other installations, and others, are not touched', async () => {
    const other = `${id}-2`;
    const stranger = `${id}/scheduled/daily`;
    await sync([daily], { installation: other });
    await client.schedule.create({
      ...{ scheduleId: stranger, spec: { cronExpressions: ['0 0 1 1 *'] } },
      action: { type: 'startWorkflow', workflowType: 'none', taskQueue: 'none' },
    });
    await expect.poll(() => names(other)).toEqual(['daily']);
    await sync([]);
    expect(await names(other)).toEqual(['daily']);
    await expect(client.schedule.getHandle(stranger).describe()).resolves.toMatchObject({ scheduleId: stranger });
  });

  it('that Temporal refuses hold up no others', async () => {
    const failures = await sync([{ ...daily, timezone: 'Nowhere/City' }, hourly]);
    expect([...failures.keys()]).toEqual([`${id}/schedule/daily`]);
    await expect.poll(() => names()).toEqual(['hourly']);
  });
});

it('fills in what a definition leaves out, and takes only those that have a schedule', () => {
  const steps = [{ id: 'a', wait: '1s' }];
  const definitions = [
    { name: 'a', on: { schedule: '@daily' }, steps },
    { name: 'b', on: { event: 'payment.succeeded' }, steps },
    { name: 'c', on: { manual: { type: 'object' } }, steps },
    { name: 'd', on: 'run' as const, steps },
  ].map((definition) => ({ definition }));
  expect(scheduledOf(definitions)).toEqual([{ name: 'a', schedule: ['0 0 * * *'], timezone: 'UTC', catchUp: '1h' }]);
});
