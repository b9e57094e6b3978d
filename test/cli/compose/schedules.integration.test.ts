import { randomUUID } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ScheduleNotFoundError } from '@temporalio/client';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, expect, inject, it } from 'vitest';
import { findApi } from '../../../cli/api-client.ts';
import { startRun } from '../../../cli/commands/runs/start.ts';
import { whatIf } from '../../../cli/commands/what-if.ts';
import { composeAll, type RunningKait } from '../../../cli/compose/compose-all.ts';
import { loadConfig } from '../../../config.ts';
import { sharedTemporaryFolder } from '../../temporary-folder.ts';

/* Everything is real: the files, the server, Temporal and its schedules, and the worker. */

const installation = `scheduled-${randomUUID().slice(0, 8)}`;
const folder = sharedTemporaryFolder();
const definitions = () => join(folder.path, 'definitions');
const workflow = (name: string) => join(definitions(), 'workflows', `${name}.json`);
let kait: RunningKait;

/** Once a year, so that it only starts when a test says so. */
const yearly = { schedule: '0 0 1 1 *', timezone: 'Asia/Jakarta', catchUp: '1h' };
const definition = (name: string, on: object) =>
  JSON.stringify({
    ...{ name, on, steps: [{ id: 'note', set: { seen: '{{event.data}}' } }] },
    output: { seen: '{{vars.seen}}', entity: '{{event.entity}}', payment: '{{event.payment}}' },
  });

beforeAll(async () => {
  await mkdir(join(definitions(), 'workflows'), { recursive: true });
  await writeFile(join(definitions(), 'sources.json'), '{}');
  await writeFile(workflow('other'), definition('other', { event: 'payment.succeeded' }));
  kait = await start();
});
afterAll(() => kait.stop());
beforeEach(async () => {
  await writeFile(workflow('report'), definition('report', yearly));
  await kait.reload();
  await expect.poll(() => timesOf('report')).toEqual(['12-31T17:00']);
});

function start(): Promise<RunningKait> {
  const { address, namespace } = inject('temporal');
  const config = loadConfig({
    ...{ KAIT_HOME: join(folder.path, 'home'), KAIT_DEFINITIONS: definitions(), KAIT_PORT: '0' },
    ...{ KAIT_ADMIN_PORT: '0', KAIT_INSTALLATION: installation },
    ...{ TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace },
  });
  const { signal } = new AbortController();
  const log = pino({ level: 'silent' });
  return composeAll({ config, log, report: () => undefined, signal, activitiesFrom: 'sources' });
}

const scheduleOf = (name: string) => kait.temporal.client.schedule.getHandle(`${installation}/schedule/${name}`);

/** The month, day and time of the next start. Empty if there is no schedule. */
async function timesOf(name: string): Promise<string[]> {
  try {
    const { info } = await scheduleOf(name).describe();
    return info.nextActionTimes.slice(0, 1).map((time) => time.toISOString().slice(5, 16));
  } catch (error) {
    return [error instanceof ScheduleNotFoundError ? 'none' : String(error)];
  }
}

/** The outputs of the runs that the schedule of a definition has started, oldest first. */
async function outputsOf(name: string): Promise<unknown[]> {
  const { workflow: workflows } = kait.temporal.client;
  const outputs: { at: string; output: unknown }[] = [];
  for await (const run of workflows.list({ query: `KaitDefinition = "${name}" AND ExecutionStatus = "Completed"` })) {
    if (!run.workflowId.startsWith(`${installation}/${name}/kait/schedule:`)) continue;
    outputs.push({ at: run.workflowId, output: await workflows.getHandle(run.workflowId).result() });
  }
  return outputs.sort((one, other) => (one.at < other.at ? -1 : 1)).map(({ output }) => output);
}

it('starts one run for a time, with the time as its data', async () => {
  await scheduleOf('report').trigger();
  await expect.poll(() => outputsOf('report'), { timeout: 20_000 }).toHaveLength(1);
  const [output] = await outputsOf('report');
  expect(output).toEqual({
    seen: {
      scheduledFor: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/) as unknown,
      timezone: 'Asia/Jakarta',
      date: expect.stringMatching(/^\d{4}-\d\d-\d\d$/) as unknown,
      time: expect.stringMatching(/^\d\d:\d\d$/) as unknown,
    },
    ...{ entity: 'report', payment: null },
  });
});

it('lets somebody start a run by the API, once for a key, and what-if looks at its event', async () => {
  const manual = { type: 'object', properties: { orderId: { type: 'string' } }, additionalProperties: false };
  await writeFile(workflow('give-back'), definition('give-back', { manual }));
  await kait.reload();
  const api = await findApi(join(folder.path, 'home'), null);
  const options = { input: '{"orderId":"INV-7"}', key: 'case-12', reason: 'charged twice' };
  const id = `${installation}/give-back/kait/manual:give-back:case-12`;
  expect(await startRun(api, 'give-back', options)).toContain(`Started ${id}.`);
  const output = await expectResult(id);
  expect(output).toEqual({ seen: { orderId: 'INV-7' }, entity: 'give-back', payment: null });
  expect(await startRun(api, 'give-back', { ...options, reason: 'again' })).toContain('Nothing new was started');
  const draft = join(folder.path, 'give-back.json');
  await writeFile(draft, definition('give-back', { manual }).replace('"id":"note"', '"id":"other"'));
  const lines: string[] = [];
  const since = new Date(Date.now() - 3_600_000).toISOString();
  const write = (line: string) => void lines.push(line);
  const exitCode = await whatIf(draft, { since, limit: 100 }, { api, write, note: write });
  expect(exitCode).toBe(1);
  expect(lines.join('\n')).toMatch(
    /1 event:\n {2}note would not run\n {2}other would run \(done\)\n {2}such as kait\/manual:give-back:case-12\n/,
  );
});

/** What a run returns that is still to be started. */
async function expectResult(id: string): Promise<unknown> {
  const handle = kait.temporal.client.workflow.getHandle(id);
  await expect
    .poll(() =>
      handle.describe().then(
        () => true,
        () => false,
      ),
    )
    .toBe(true);
  return handle.result();
}

it('follows its file: changed, no longer scheduled, and gone', async () => {
  await writeFile(workflow('report'), definition('report', { ...yearly, schedule: '0 9 2 1 *' }));
  await kait.reload();
  await expect.poll(() => timesOf('report')).toEqual(['01-02T02:00']);
  await writeFile(workflow('report'), definition('report', { event: 'payment.succeeded' }));
  await kait.reload();
  await expect.poll(() => timesOf('report')).toEqual(['none']);
  await writeFile(workflow('report'), definition('report', yearly));
  await kait.reload();
  await expect.poll(() => timesOf('report')).toEqual(['12-31T17:00']);
  await rm(workflow('report'));
  await kait.reload();
  await expect.poll(() => timesOf('report')).toEqual(['none']);
});

it('stays as it was while its file has a mistake', async () => {
  await writeFile(workflow('report'), definition('report', { ...yearly, schedule: '0 9 2 1' }));
  await kait.reload();
  expect(kait.server.faults()).toMatchObject([{ kind: 'definition', what: 'workflows/report.json' }]);
  expect(await timesOf('report')).toEqual(['12-31T17:00']);
});

it('survives a restart, paused if it was paused', async () => {
  await scheduleOf('report').pause('holidays');
  await kait.stop();
  kait = await start();
  await expect.poll(() => timesOf('report')).toEqual(['12-31T17:00']);
  const { state } = await scheduleOf('report').describe();
  expect(state).toMatchObject({ paused: true, note: 'holidays' });
});
