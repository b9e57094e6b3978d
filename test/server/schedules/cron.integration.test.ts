import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { nextTimes } from '../../../language/cron.ts';

const { address, namespace } = inject('temporal');

let connection: Connection;
let client: Client;
beforeAll(async () => {
  connection = await Connection.connect({ address });
  client = new Client({ connection, namespace });
});
afterAll(() => connection.close());

/** The next ten times as Temporal tells them for a schedule that begins then. */
async function asTemporalSays(schedules: string[], timezone: string, startAt: string): Promise<string[]> {
  const handle = await client.schedule.create({
    scheduleId: `cron-${randomUUID()}`,
    spec: { cronExpressions: schedules, timezone, startAt: new Date(startAt) },
    action: { type: 'startWorkflow', workflowType: 'none', taskQueue: 'none' },
    state: { paused: true },
  });
  try {
    const { info } = await handle.describe();
    return info.nextActionTimes.map((time) => time.toISOString());
  } finally {
    await handle.delete();
  }
}

it.each<[string[], string, string]>([
  [['0 8 * * *'], 'Asia/Jakarta', '2027-01-30T00:00:00Z'],
  [['*/7 * * * *'], 'UTC', '2027-01-30T23:50:00Z'],
  [['5/20 1-3,22 * * *'], 'UTC', '2027-01-30T00:00:00Z'],
  [['0 0 29 2 *'], 'UTC', '2027-01-30T00:00:00Z'],
  [['0 0 31 * *'], 'Asia/Kolkata', '2027-01-30T00:00:00Z'],
  [['30 6 * * MON-FRI'], 'Europe/Berlin', '2027-01-30T00:00:00Z'],
  [['30 6 * * 7'], 'Europe/Berlin', '2027-01-30T00:00:00Z'],
  [['30 6 * * 5-7'], 'Europe/Berlin', '2027-01-30T00:00:00Z'],
  [['30 6 * * 0,sat'], 'Europe/Berlin', '2027-01-30T00:00:00Z'],
  [['30 6 * * */2'], 'Europe/Berlin', '2027-01-30T00:00:00Z'],
  [['30 6 * * 1/2'], 'Europe/Berlin', '2027-01-30T00:00:00Z'],
  [['0 12 */10 jan,6-8 *'], 'UTC', '2027-01-30T00:00:00Z'],
  [['@hourly'], 'Asia/Kathmandu', '2027-01-30T00:00:00Z'],
  [['@daily'], 'Asia/Jakarta', '2027-01-30T00:00:00Z'],
  [['@weekly'], 'Asia/Jakarta', '2027-01-30T00:00:00Z'],
  [['@monthly'], 'Asia/Jakarta', '2027-01-30T00:00:00Z'],
  [['@yearly'], 'Asia/Jakarta', '2027-01-30T00:00:00Z'],
  [['0 8 1 * *', '0 8 * * 1'], 'Asia/Jakarta', '2027-01-30T00:00:00Z'],
  [['0 8 * * *', '0 8,9 * * *'], 'Asia/Jakarta', '2027-01-30T00:00:00Z'],
  // Clocks that are put forward and back.
  [['30 2 * * *'], 'America/New_York', '2027-03-12T00:00:00Z'],
  [['0,30 1-3 * * *'], 'America/New_York', '2027-03-14T00:00:00Z'],
  [['30 1 * * *'], 'America/New_York', '2027-11-05T00:00:00Z'],
  [['0,30 0-2 * * *'], 'America/New_York', '2027-11-07T00:00:00Z'],
  [['0 0 * * *'], 'America/Santiago', '2027-09-03T00:00:00Z'],
  [['30 23 * * *'], 'America/Santiago', '2027-04-02T00:00:00Z'],
  [['@daily'], 'Africa/Casablanca', '2027-02-05T00:00:00Z'],
])('the times of %j in %s after %s are those of Temporal', async (schedules, timezone, startAt) => {
  const times = nextTimes(schedules, timezone, { afterMs: Date.parse(startAt) - 1, count: 10 });
  const own = times.map((ms) => new Date(ms).toISOString());
  expect(own).toEqual(await asTemporalSays(schedules, timezone, startAt));
});
