import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { OwnActivity } from '../activities/own/define-activity.ts';
import type { Json } from '../language/json.ts';
import type { Mocks } from '../simulator/mocks.ts';
import { simulate, type SimulationOptions } from '../simulator/simulate.ts';
import type { Simulation } from '../simulator/simulation.ts';
import { callActivity, failureOf } from './call-activity.ts';
import type { TestDatabase } from './test-database.ts';

/** More than a test should need, and soon reached by a definition that never ends. */
const mostCalls = 1_000;

/**
 * Simulates a run in which activities of the kind `database` are real. A simulation cannot wait for a database, and the same answers always
 * give the same simulation. So it is repeated: each time, the first call without an answer is made, and its outcome is an answer from then on.
 */
export async function simulateWithEffects(
  world: TestDatabase,
  activities: readonly OwnActivity[],
  { secrets, mocks = {}, ...options }: SimulationOptions & { secrets: Readonly<Record<string, string>> },
): Promise<Simulation> {
  const real = new Map(
    activities.filter(({ kind }) => kind === 'database').map((activity) => [activity.name, activity]),
  );
  const run = `test/${randomUUID()}`;
  const answers: Mocks = { ...mocks };
  const types = withoutMadeUp(options.activities ?? {}, real);
  for (let calls = 0; calls <= mostCalls; calls += 1) {
    const simulation = await simulate({ ...options, activities: types, mocks: answers });
    const next = nextCall(simulation, real, answers);
    if (next === undefined) return simulation;
    const { activity, path, input } = next;
    const call = { input, idempotencyKey: `${run}/${path}`, attempt: 1, event: options.event, secrets };
    answers[path] = await world.during(() => outcomeOf(callActivity(world, activity, call)));
  }
  throw new Error(`The run calls activities more than ${mostCalls} times`);
}

/** A real output has all its members, so none is made up for those that it leaves out. */
function withoutMadeUp(types: NonNullable<SimulationOptions['activities']>, real: ReadonlyMap<string, OwnActivity>) {
  const entries = Object.entries(types).map(([name, type]) => [
    name,
    real.has(name) ? { ...type, output: z.unknown() } : type,
  ]);
  return Object.fromEntries(entries) as typeof types; // The same names.
}

interface NextCall {
  activity: OwnActivity;
  /** As mocks name it. */
  path: string;
  input: Json;
}

/** The earliest one: whatever it depends on has been answered. What undoes comes after everything else. */
function nextCall(
  { trace, undone }: Simulation,
  real: ReadonlyMap<string, OwnActivity>,
  answers: Mocks,
): NextCall | undefined {
  const calls = [
    ...trace.flatMap(({ madeUp, what, path, input = null }) => (madeUp === true ? [{ what, path, input }] : [])),
    ...undone.map(({ what, path, input }) => ({ what, path: `${path}/undo`, input })),
  ];
  for (const { what, path, input } of calls) {
    const activity = real.get(what ?? '');
    if (activity !== undefined && !Object.hasOwn(answers, path)) return { activity, path, input };
  }
  return undefined;
}

/** As a mock tells it. What is no failure of an activity is a bug, and the test's to see. */
async function outcomeOf(call: Promise<Json>): Promise<Json> {
  try {
    return { result: await call };
  } catch (error) {
    const failure = failureOf(error);
    if (failure === null) throw error;
    const { type, message, isPermanent, inDoubt } = failure;
    return { error: { type, message, retryable: !isPermanent, inDoubt } };
  }
}
