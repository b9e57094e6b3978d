import { AssertionError } from 'node:assert';
import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { OwnActivity } from '../activities/own/define-activity.ts';
import type { Sql } from '../activities/own/sql.ts';
import type { Json } from '../language/json.ts';
import { completeEvent, type PartialEvent } from '../simulator/complete-event.ts';
import { callActivity, storeEvent, type TestCall } from './call-activity.ts';
import type { ReceivedRequest, Receivers } from './received-request.ts';
import { type StartedReceivers, startReceivers } from './receivers.ts';
import { testDatabase, type TestDatabase } from './test-database.ts';

export interface ExpectOnceOptions {
  /** Puts rows into the project's tables first, which are as the migrations have left them. */
  prepare?: (sql: Sql) => Promise<unknown>;
  /** Looks at the effect: whatever it resolves to must be the same after every repeat. Default: all rows of the project's tables. */
  effects?: (sql: Sql) => Promise<unknown>;
  /** The run's event. What is missing is filled in. */
  event?: PartialEvent;
  /**
   * For the kind `network`: who gets its requests, by origin: `{ 'https://crm.example': () => ({ status: 201, body: { id: 7 } }) }`. They honour
   * idempotency keys: a repeat gets the first answer.
   */
  receivers?: Receivers;
  /** Values of `KAIT_SECRET_…`, by their names. They may be sent to the receivers. */
  secrets?: Readonly<Record<string, string>>;
  /** The folder of the project's migrations. Default: `migrations` in the working folder. */
  migrations?: string;
}

export interface Once<Output = Json> {
  /** What every attempt has returned. */
  output: Output;
  /** For the kind `network`: the requests that have had an effect, one of each key. */
  requests: readonly ReceivedRequest[];
  /** For looking at the project's tables afterwards. */
  sql: Sql;
}

const concurrent = 4;

/**
 * Runs an activity as a worker would on its worst day. One of the kind `database`, on a database in memory: an attempt that fails after the
 * effect and before its record, several attempts at the same time, and a repeat. One of the kind `network`: an attempt whose result is lost, and
 * a repeat. Rejects with an AssertionError that says what differed, unless there is one effect and every attempt returns the same. Rejects with
 * the activity's own failure if it fails.
 */
export async function expectOnce<Input, Output>(
  activity: OwnActivity<Input, Output>,
  input: NoInfer<Input>,
  options: ExpectOnceOptions = {},
): Promise<Once<Output>> {
  const world = await testDatabase(resolve(options.migrations ?? 'migrations'));
  await world.reset();
  await options.prepare?.(world.sql);
  const { event } = completeEvent(options.event ?? {}, { on: { event: 'payment.succeeded' } });
  await storeEvent(world, event);
  const call = { input, idempotencyKey: `test/${randomUUID()}`, event, secrets: options.secrets ?? {} };
  if (activity.kind === 'network') {
    const receivers = startReceivers(options.receivers ?? {});
    const output = await expectOneRequest(world, activity, { ...call, receivers });
    return { output: output as Output, requests: receivers.effects, sql: world.sql }; // As its schema says.
  }
  const output = await expectOneRow(world, activity, call, options);
  return { output: output as Output, requests: [], sql: world.sql };
}

async function expectOneRow(
  world: TestDatabase,
  activity: OwnActivity,
  call: Omit<TestCall, 'attempt'>,
  { effects }: ExpectOnceOptions,
): Promise<Json> {
  const look = async () => ({ tables: await world.contents(), told: await effects?.(world.sql) });
  const before = await look();
  await failAfterEffect(world, activity, { ...call, attempt: 1 });
  requireSame(
    activity,
    before,
    await look(),
    'an attempt that failed after its effect has left something behind. Whatever an activity of the kind database does must be done by its `sql`',
  );
  const attempts = Array.from({ length: concurrent }, (_each, index) =>
    callActivity(world, activity, { ...call, attempt: index + 2 }),
  );
  const [output = null, ...others] = await world.during(() => Promise.all(attempts));
  const once = await look();
  for (const other of others)
    requireEqual(activity, output, other, 'attempts at the same time have returned different results');
  const repeated = await world.during(() => callActivity(world, activity, { ...call, attempt: concurrent + 2 }));
  requireEqual(activity, output, repeated, 'a repeat has returned another result');
  requireSame(activity, once, await look(), 'a repeat has had another effect');
  return output;
}

/** What only reads has no effect. */
const reading = ['GET', 'HEAD', 'OPTIONS'];

async function expectOneRequest(
  world: TestDatabase,
  activity: OwnActivity,
  call: Omit<TestCall, 'attempt'> & { receivers: StartedReceivers },
): Promise<Json> {
  const { received } = call.receivers;
  await failAfterEffect(world, activity, { ...call, attempt: 1 });
  const first = received.filter(({ method }) => !reading.includes(method));
  const output = await callActivity(world, activity, { ...call, attempt: 2 });
  const writing = received.filter(({ method }) => !reading.includes(method)).slice(first.length);
  for (const request of writing) {
    const known = first.find(({ key }) => key === request.key);
    const shown = `${request.method} ${request.url}`;
    if (known === undefined) {
      throw new AssertionError({
        message: `${activity.name}: a repeat has sent ${shown} under another Idempotency-Key, so that the receiver would do it again. Leave the key to \`fetch\`, or derive it from \`idempotencyKey\`, and let the URL be the same in every attempt`,
        ...{ actual: writing, expected: first, operator: 'expectOnce' },
      });
    }
    requireEqual(activity, known.body, request.body, `a repeat has sent ${shown} with another body under the same key`);
  }
  return output;
}

/** The activity's own failure is the caller's. */
async function failAfterEffect(world: TestDatabase, activity: OwnActivity, call: TestCall): Promise<void> {
  let hasRun = false;
  const interrupted: OwnActivity = {
    ...activity,
    run: async (...given) => {
      await activity.run(...given);
      hasRun = true;
      throw new Error('interrupted');
    },
  };
  await world
    .during(() => callActivity(world, interrupted, call))
    .catch((error: unknown) => {
      if (!hasRun) throw error;
    });
}

interface Look {
  /** The rows of each table. */
  tables: Map<string, string>;
  /** What `effects` has said. */
  told: unknown;
}

function requireSame({ name }: OwnActivity, before: Look, after: Look, what: string): void {
  const differences = [...before.tables].flatMap(([table, rows]) =>
    rowsDiffer(table, rows, after.tables.get(table) ?? ''),
  );
  if (!isDeepStrictEqual(before.told, after.told)) {
    differences.push(`effects: ${JSON.stringify(before.told)} became ${JSON.stringify(after.told)}`);
  }
  if (differences.length === 0) return;
  throw new AssertionError({
    message: `${name}: ${what}.\n${differences.join('\n')}`,
    ...{ actual: after, expected: before, operator: 'expectOnce' },
  });
}

function rowsDiffer(table: string, before: string, after: string): string[] {
  if (before === after) return [];
  const [old, now] = [before, after].map((rows) => rows.split('\n').filter((row) => row !== ''));
  const lines = [
    ...(old ?? []).filter((row) => now?.includes(row) !== true).map((row) => `  - ${row}`),
    ...(now ?? []).filter((row) => old?.includes(row) !== true).map((row) => `  + ${row}`),
  ];
  return [`table ${table}, ${old?.length ?? 0} rows before and ${now?.length ?? 0} after:`, ...lines.slice(0, 10)];
}

function requireEqual({ name }: Pick<OwnActivity, 'name'>, first: Json, other: Json, what: string): void {
  if (isDeepStrictEqual(first, other)) return;
  throw new AssertionError({
    message: `${name}: ${what}: ${JSON.stringify(first)} and ${JSON.stringify(other)}`,
    ...{ actual: other, expected: first, operator: 'expectOnce' },
  });
}
