import { activityInfo } from '@temporalio/activity';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, expect, inject, it } from 'vitest';
import { z } from 'zod';
import type { ActivityFunctions } from '../../activities/authorize.ts';
import { PermanentError, TransientError } from '../../activities/own/activity-errors.ts';
import { type ContextOf, defineActivity, type OwnActivity } from '../../activities/own/define-activity.ts';
import { type OwnActivityDeps, runOwnActivity } from '../../activities/own/run-own-activity.ts';
import { parseContext } from '../../activities/parse-input.ts';
import { createGuardedAgent } from '../../http/guarded-agent.ts';
import { resolveBySystem } from '../../http/resolve.ts';
import { parseNetworks } from '../../http/networks.ts';
import type { Step } from '../../language/definition.ts';
import type { Database } from '../../storage/database.ts';
import { prepareProject } from '../../storage/project/prepare-project.ts';
import { currentAttempt } from '../../worker/current-attempt.ts';
import { type HttpReceiver, startHttpReceiver } from '../activities/http-receiver.ts';
import { openTestDatabase } from '../services/open-test-database.ts';
import { startTemporalHost, type TemporalHost } from './temporal-host.ts';

/* A project's own activities on Temporal's server, as a worker runs them. */

let host: TemporalHost;
let database: Database;
let receiver: HttpReceiver;
/** What the activities do, as each test says. */
let addPoints: (context: ContextOf<'database'>) => Promise<{ id: number }>;
let tellCrm: (context: ContextOf<'network'>) => Promise<{ status: number }>;
/** What becomes of the outcome of an attempt on its way to Temporal. */
let onTheWay: (attempt: number) => void;

const points = defineActivity({
  ...{ name: 'points.add', title: 'Add points', kind: 'database' },
  ...{ input: z.strictObject({ customer: z.string() }), output: z.strictObject({ id: z.int() }) },
  run: (_input, context) => addPoints(context),
});
const crm = defineActivity({
  ...{ name: 'crm.tell', title: 'Tell the CRM', kind: 'network', heartbeat: '500ms' },
  ...{ input: z.strictObject({}), output: z.strictObject({ status: z.int() }) },
  run: (_input, context) => tellCrm(context),
});

beforeAll(async () => {
  database = await openTestDatabase();
  await database.transact(
    async (transaction) => {
      await prepareProject(transaction);
      await transaction.query('create table project.points (id int generated always as identity, customer text)');
    },
    { limitMs: 10_000 },
  );
  receiver = await startHttpReceiver();
  const deps: OwnActivityDeps = {
    ...{ database, log: pino({ level: 'silent' }), userAgent: 'Kait/test', lookupSecret: () => undefined },
    dispatcher: createGuardedAgent({ allow: parseNetworks(['127.0.0.1']), resolve: resolveBySystem }),
    secretBindings: () => Promise.resolve(new Map()),
    attempt: () => ({ ...currentAttempt(), number: activityInfo().attempt }),
  };
  const real: ActivityFunctions = { 'points.add': asTheWorker(deps, points), 'crm.tell': asTheWorker(deps, crm) };
  host = await startTemporalHost(inject('temporal'), { real });
});
afterAll(async () => {
  await host.stop();
  await receiver.close();
  await database.close();
});
beforeEach(() => {
  onTheWay = () => undefined;
  receiver.received.length = 0;
});

function asTheWorker(deps: OwnActivityDeps, activity: OwnActivity) {
  return async (input: unknown, context: unknown) => {
    const outcome = await runOwnActivity(deps, activity, input, parseContext(activity.name, context));
    onTheWay(activityInfo().attempt);
    return outcome;
  };
}

const retry = { attempts: 3, first: '10ms' };
const addStep: Step = { id: 'add', call: 'points.add', with: { customer: '{{event.id}}' }, retry };
const tellStep: Step = { id: 'tell', call: 'crm.tell', retry };
const start = (steps: Step[], output: string) => host.start({ steps, output }, { local: ['points.add'] });
const rowsOf = (customer: string) =>
  database.run<{ id: number }>('rows', 'select id from project.points where customer = $1', [customer]);
const failureOf = (outcome: Promise<unknown>) =>
  outcome.then(
    () => 'no failure',
    (error: unknown) => (error as { cause?: { type?: string; message?: string } }).cause,
  );

async function insert({ sql, idempotencyKey }: ContextOf<'database'>) {
  const customer = idempotencyKey.split('/')[1] ?? '';
  const [row] = await sql<{ id: number }>`insert into points (customer) values (${customer}) returning id`;
  return { id: row!.id };
}

it('a database activity whose result was lost on its way to Temporal has one effect, and the repeat returns that result', async () => {
  let calls = 0;
  addPoints = (context) => {
    calls += 1;
    return insert(context);
  };
  onTheWay = (attempt) => {
    if (attempt === 1) throw new Error('The worker was killed');
  };
  const run = await start([addStep], '{{steps.add.id}}');
  const id = await run.handle.result();
  expect(await rowsOf(run.eventId)).toEqual([{ id }]);
  expect(run.calls.map(({ activity }) => activity)).toEqual(['points.add', 'points.add']);
  expect(calls).toBe(1);
});

it('a database activity that fails after its effect is rolled back and tried again', async () => {
  addPoints = async (context) => {
    const row = await insert(context);
    if (context.attempt < 3) throw new TransientError('PointsBusy', 'the points are being counted');
    return row;
  };
  const run = await start([addStep], '{{steps.add.id}}');
  const id = await run.handle.result();
  expect(await rowsOf(run.eventId)).toEqual([{ id }]);
  expect(run.calls).toHaveLength(3);
});

it('a PermanentError of a database activity ends the step with its type, which a definition can catch', async () => {
  addPoints = async (context) => {
    await insert(context);
    throw new PermanentError('MemberUnknown', 'no member has this address');
  };
  const caught: Step = {
    id: 'trying',
    try: [addStep],
    catch: [{ errors: ['MemberUnknown'], do: [{ id: 'note', set: { told: '{{error.message}}' } }] }],
  };
  const run = await start([caught], '{{vars.told}}');
  expect(await run.handle.result()).toBe('Step "add" (points.add) failed: points.add: no member has this address');
  expect(await rowsOf(run.eventId)).toEqual([]);
  expect(run.calls).toHaveLength(1);
});

it('a network activity is tried again after a TransientError, with the same Idempotency-Key', async () => {
  let answers = 0;
  receiver.answer((response) => {
    answers += 1;
    response.writeHead(answers === 1 ? 503 : 201).end();
  });
  tellCrm = async ({ fetch }) => {
    const { status } = await fetch(`${receiver.origin}/notes`, { method: 'POST', body: 'hello' });
    if (status === 503) throw new TransientError('CrmBusy', 'the CRM is busy');
    return { status };
  };
  const run = await start([tellStep], '{{steps.tell.status}}');
  expect(await run.handle.result()).toBe(201);
  const keys = receiver.received.map(({ headers }) => headers['idempotency-key']);
  expect(keys).toEqual([expect.stringMatching(/^req_[0-9a-f]{32}$/), keys[0]]);
});

it('a PermanentError of a network activity ends the step with its type, at once', async () => {
  tellCrm = () => Promise.reject(new PermanentError('CustomerUnknown', 'no such customer'));
  const run = await start([tellStep], '{{steps.tell.status}}');
  expect(await failureOf(run.handle.result())).toMatchObject({
    type: 'CustomerUnknown',
    message: 'Step "tell" (crm.tell) failed: crm.tell: no such customer',
  });
  expect(run.calls).toHaveLength(1);
});

it('a network activity goes on for as long as it sends heartbeats, and an attempt that is silent is tried again', async () => {
  tellCrm = async ({ attempt, heartbeat, signal }) => {
    if (attempt === 1) return new Promise(() => undefined);
    for (let beats = 0; beats < 8; beats += 1) {
      heartbeat();
      await new Promise((resolve) => setTimeout(resolve, 100));
      signal.throwIfAborted();
    }
    return { status: attempt };
  };
  const run = await start([tellStep], '{{steps.tell.status}}');
  expect(await run.handle.result()).toBe(2);
});

it('a network activity hears by its signal that the run was canceled', async () => {
  let reason: unknown;
  tellCrm = async ({ signal, heartbeat }) => {
    const beating = setInterval(heartbeat, 100);
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    clearInterval(beating);
    reason = signal.reason;
    throw signal.reason;
  };
  const run = await start([{ ...tellStep, timeout: '1m', heartbeat: '1s' }], '{{steps.tell.status}}');
  await expect.poll(() => run.calls).toHaveLength(1);
  await run.handle.cancel();
  await expect(run.handle.result()).rejects.toThrow();
  expect((await run.handle.describe()).status.name).toBe('CANCELLED');
  expect(reason).toMatchObject({ name: 'CancelledFailure' });
});
