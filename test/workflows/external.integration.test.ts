import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { RunInput, Step } from '../../language/definition.ts';
import type { ExternalCall } from '../../language/external-activity.ts';
import type { JsonObject } from '../../language/json.ts';
import {
  exampleActivity,
  exampleWorker,
  oddWorker,
  preparePython,
  type PythonWorker,
  startPythonWorker,
} from '../examples/python-worker.ts';
import { sharedTemporaryFolder } from '../temporary-folder.ts';
import { type HostedRun, startTemporalHost, type TemporalHost } from './temporal-host.ts';

const unprepared = await preparePython();
const what = unprepared === null ? 'an activity of a Python worker' : `skipped: ${unprepared}`;

const queues = { points: `points-${randomUUID()}`, odd: `odd-${randomUUID()}`, nobody: `nobody-${randomUUID()}` };
const anything: JsonObject = { type: 'object' };
const odd = (output: JsonObject = anything): ExternalCall => ({ taskQueue: queues.odd, input: anything, output });
const balance: JsonObject = { type: 'object', properties: { balance: { type: 'integer' } }, required: ['balance'] };

describe.skipIf(unprepared !== null)(what, () => {
  const folder = sharedTemporaryFolder();
  let host: TemporalHost;
  let points: PythonWorker;
  let oddOnes: PythonWorker;
  let pointsCall: ExternalCall;
  const environment = () => {
    const { address, namespace } = inject('temporal');
    return { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace };
  };
  const startOdd = () => startPythonWorker(oddWorker, { ...environment(), POINTS_TASK_QUEUE: queues.odd });

  beforeAll(async () => {
    host = await startTemporalHost(inject('temporal'));
    const file = JSON.parse(await readFile(exampleActivity, 'utf8')) as ExternalCall;
    pointsCall = { taskQueue: queues.points, input: file.input, output: file.output };
    const POINTS_DATABASE = join(folder.path, 'points.db');
    points = await startPythonWorker(exampleWorker, {
      ...environment(),
      POINTS_TASK_QUEUE: queues.points,
      POINTS_DATABASE,
    });
    oddOnes = await startOdd();
  });

  afterAll(async () => {
    await points.kill();
    await oddOnes.kill();
    await host.stop();
  });

  const start = (steps: Step[], external: RunInput['external'], output: JsonObject | string = {}): Promise<HostedRun> =>
    host.start({ steps, output }, { external: external ?? {} });
  const failureOf = (run: HostedRun) =>
    run.handle.result().then(
      () => 'no failure',
      (error: unknown) => (error as { cause?: { type?: string; message?: string } }).cause,
    );

  it('gives the step its output, and has one effect for one key', async () => {
    const customer = `${randomUUID()}@shop.example`;
    const add = (id: string): Step => ({ id, call: 'points.add', with: { customer, points: 5 } });
    const run = await start(
      [add('first'), add('second')],
      { 'points.add': pointsCall },
      { balance: '{{steps.second.balance}}' },
    );
    expect(await run.handle.result()).toEqual({ balance: 10 });
  });

  it('tells the worker of the key and the run in the argument and in the header', async () => {
    const run = await start(
      [
        {
          id: 'loop',
          forEach: { in: ['a'], collect: '{{steps.echo}}' },
          do: [{ id: 'echo', call: 'odd.echo', with: { item: '{{item}}' } }],
        },
      ],
      { 'odd.echo': odd() },
      '{{steps.loop.results.0}}',
    );
    const { workflowId } = run.handle;
    const idempotencyKey = `${workflowId}/echo/0`;
    const place = { workflowId, definition: 'hosted', step: 'echo/0', source: 'stripe', eventId: run.eventId };
    expect(await run.handle.result()).toEqual({
      argument: { idempotencyKey, input: { item: 'a' }, run: place },
      headers: { 'kait-idempotency-key': idempotencyKey, 'kait-run': place },
    });
  });

  it.each([
    ['text', 'odd.output: the worker on QUEUE returned a wrong output: `balance`: expected a whole number, got a text'],
    ['null', 'odd.output: the worker on QUEUE returned a wrong output: expected an object'],
    ['bytes', 'odd.output: the worker on QUEUE returned a wrong output: it must be JSON'],
    ['list', 'odd.output: the worker on QUEUE returned a wrong output: expected an object'],
  ])('fails for good on an output that the schema does not allow (%s)', async (kind, message) => {
    const run = await start([{ id: 'add', call: 'odd.output', with: { kind } }], { 'odd.output': odd(balance) });
    expect(await failureOf(run)).toMatchObject({
      type: 'OutputInvalid',
      message: `Step "add" (odd.output) failed: ${message.replace('QUEUE', queues.odd).replace('odd.output: ', '')}`,
    });
  });

  it('takes an output of 250,000 characters, and fails on one of 300,000', async () => {
    const steps = (characters: number): Step[] => [{ id: 'big', call: 'odd.huge', with: { characters } }];
    const small = await start(steps(250_000), { 'odd.huge': odd() }, { done: true });
    expect(await small.handle.result()).toEqual({ done: true });
    const large = await start(steps(300_000), { 'odd.huge': odd() });
    expect(await failureOf(large)).toMatchObject({
      type: 'OutputInvalid',
      message: expect.stringContaining('it has more than 262144 characters as JSON') as string,
    });
  });

  it('schedules nothing for an input that the schema does not allow', async () => {
    const run = await start([{ id: 'add', call: 'points.add', with: { customer: 'ana', points: 0 } }], {
      'points.add': pointsCall,
    });
    expect(await failureOf(run)).toMatchObject({
      type: 'InputInvalid',
      message: 'Step "add" (points.add) failed: points.add: `points`: expected at least 1',
    });
    const { events = [] } = await run.handle.fetchHistory();
    expect(events?.some((event) => event.activityTaskScheduledEventAttributes)).toBe(false);
  });

  it('does not retry an error that the worker calls final, and hands its type to catch', async () => {
    const run = await start(
      [
        {
          id: 'trying',
          try: [{ id: 'add', call: 'odd.refuse' }],
          catch: [{ errors: ['CustomerUnknown'], do: [{ id: 'note', set: { told: '{{error.message}}' } }] }],
        },
      ],
      { 'odd.refuse': odd() },
      '{{vars.told}}',
    );
    expect(await run.handle.result()).toBe('Step "add" (odd.refuse) failed: No such customer');
  });

  it('retries any other error, but for the types in except', async () => {
    const retry = { attempts: 3, first: '10ms' };
    const repeated = await start([{ id: 'add', call: 'odd.fail', retry }], { 'odd.fail': odd() });
    expect(await failureOf(repeated)).toMatchObject({
      type: 'ValueError',
      message: 'Step "add" (odd.fail) failed: attempt 3 failed',
    });
    const once = await start([{ id: 'add', call: 'odd.fail', retry: { ...retry, except: ['ValueError'] } }], {
      'odd.fail': odd(),
    });
    expect(await failureOf(once)).toMatchObject({ message: 'Step "add" (odd.fail) failed: attempt 1 failed' });
  });

  it('undoes what a Python worker did by another call of it', async () => {
    const customer = `${randomUUID()}@shop.example`;
    const run = await start(
      [
        {
          id: 'add',
          call: 'points.add',
          with: { customer, points: 5 },
          undo: { call: 'points.add', with: { customer, points: 7 } },
        },
        { id: 'end', fail: 'because' },
      ],
      { 'points.add': pointsCall },
    );
    await failureOf(run);
    const after = await start(
      [{ id: 'add', call: 'points.add', with: { customer, points: 1 } }],
      { 'points.add': pointsCall },
      '{{steps.add.balance}}',
    );
    expect(await after.handle.result()).toBe(13);
  });

  it('waits for a worker until the deadline, and then has timed out', async () => {
    const nobody: ExternalCall = { taskQueue: queues.nobody, input: anything, output: anything };
    const run = await start([{ id: 'add', call: 'points.add', timeout: '1s', deadline: '2s' }], {
      'points.add': nobody,
    });
    expect(await failureOf(run)).toMatchObject({ type: 'TimedOut' });
  });

  it('can be canceled while nobody serves the queue', async () => {
    const nobody: ExternalCall = { taskQueue: queues.nobody, input: anything, output: anything };
    const run = await start([{ id: 'add', call: 'points.add' }], { 'points.add': nobody });
    await expect.poll(async () => (await run.progress()).add?.status).toBe('running');
    await run.handle.cancel();
    await expect(run.handle.result()).rejects.toThrow();
    expect((await run.handle.describe()).status.name).toBe('CANCELLED');
  });

  it('goes on with another worker after one was killed amid an attempt, as soon as its heartbeats are missed', async () => {
    const run = await start(
      [{ id: 'add', call: 'odd.hang', timeout: '10m', heartbeat: '2s', retry: { first: '10ms' } }],
      { 'odd.hang': odd() },
      '{{steps.add.attempt}}',
    );
    await oddOnes.until('hangs');
    await oddOnes.kill();
    oddOnes = await startOdd();
    expect(await run.handle.result()).toBe(2);
  });
});
