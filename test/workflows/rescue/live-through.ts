import type { Definition, Step } from '../../../language/definition.ts';
import type { Json } from '../../../language/json.ts';
import { childSteps } from '../../../language/plan.ts';
import type { GeneratedRescue, Mishap } from './arbitrary-rescue.ts';
import { createRescueWorld, firstRun, type RescueWorld, type WorldOptions, type WorldRun } from './rescue-world.ts';

/** What a definition's run, or several that go on from each other, came to. Ids are replaced by the keys of their effects. */
export interface Life {
  status: WorldRun['status'];
  output: Json;
  error: WorldRun['error'];
  /** The effects that stand, by their keys without generations; those of `finally` happen once for each run. */
  stands: [key: string, input: Json][];
  reused: string[];
  stale: string[];
  repeated: string[];
  /** Steps outside of loops and of `finally` that are done according to the last run, although their effects were undone. */
  lost: string[];
  /** Of all calls. */
  calls: string[];
  /** How many of the runs ended badly. */
  rescues: number;
}

/** Runs the definition without any mishap. */
export async function liveStraight(definition: Definition): Promise<Life> {
  const world = createRescueWorld();
  return lifeOf(world, definition, await world.run(definition), 0);
}

/** Lets the mishaps befall its runs, each of which goes on from the one before, and at last none. */
export async function liveThrough({ definition, mishaps }: GeneratedRescue): Promise<Life> {
  const straight = createRescueWorld();
  await straight.run(definition);
  const keys = straight.calls;
  const world = createRescueWorld();
  let rescue: WorldOptions['rescue'];
  let rescues = 0;
  for (const mishap of mishaps) {
    const run = await world.run(definition, { ...optionsOf(mishap, keys), ...(rescue && { rescue }) });
    if (run.status === 'completed') return lifeOf(world, definition, run, rescues);
    rescues += 1;
    const failed = (run.ended.state.undoFailed ?? []).map(({ key }) => keyOfEffect(key, run));
    const undoFailed = failed.some((key) => world.isUndone(key)) ? 'undone' : mishap.undoFailed; // An operator has looked.
    if (undoFailed === 'undone') world.undoneByHand(failed);
    rescue = { keys: firstRun, of: firstRun, ended: run.ended as never, undoFailed };
  }
  return lifeOf(world, definition, await world.run(definition, rescue && { rescue }), rescues);
}

function optionsOf({ kind, at, hadEffect, undoAt, callsPerRun }: Mishap, keys: string[]): WorldOptions {
  const chosen = keys[at % keys.length] ?? '';
  const failing = kind === 'failed' ? [{ key: chosen, inDoubt: hadEffect }] : [];
  const undos = undoAt === null ? [] : [{ key: `${keys[undoAt % keys.length] ?? ''}/undo`, inDoubt: false }];
  return {
    faults: [...failing, ...undos],
    ...(kind === 'canceled' && { cancelAfterMs: at * 5 }),
    ...(kind === 'terminated' && { terminateAfterMs: at * 5, hadEffect }),
    ...(callsPerRun !== null && { callsPerRun }),
  };
}

/** The generation in which it is not undone. */
function keyOfEffect(key: string, { ended: { state } }: WorldRun): string {
  const generation = state.generations?.[key] ?? 1;
  return `${firstRun}/${key}${generation === 1 ? '' : `~${generation}`}`;
}

function lostIn(world: RescueWorld, steps: Step[], run: WorldRun): string[] {
  const { status, undoneBy = {} } = run.ended.state;
  const stands = new Set(world.effects().flatMap(({ key, isUndone }) => (isUndone ? [] : [key])));
  return steps.flatMap((step) => {
    if ('forEach' in step || 'while' in step || step.id.startsWith('f')) return [];
    const isLost = status[step.id] === 'done' && 'call' in step && !Object.hasOwn(undoneBy, step.id);
    const own = isLost && !stands.has(keyOfEffect(step.id, run)) ? [step.id] : [];
    return [...own, ...lostIn(world, childSteps(step), run)];
  });
}

function lifeOf(world: RescueWorld, { steps }: Definition, run: WorldRun, rescues: number): Life {
  const { status, output, error } = run;
  const short = (key: string) => key.slice(firstRun.length + 1).replaceAll(/~\d+/g, '');
  const names = new Map(world.effects().map(({ key, output: made }) => [(made as { id: string }).id, short(key)]));
  const named = (value: Json): Json =>
    JSON.parse(JSON.stringify(value).replaceAll(/id_\d+/g, (id) => names.get(id) ?? id)) as Json; // JSON by its type.
  const stands = world
    .effects()
    .filter(({ key, isUndone }) => !isUndone && !short(key).startsWith('f'))
    .map(({ key, input }): [string, Json] => [short(key), named(input)])
    .sort(([one], [other]) => (one < other ? -1 : 1));
  const { calls } = world;
  const marks = { reused: world.reused(), stale: world.stale(), repeated: world.repeated() };
  const lost = lostIn(world, steps, run);
  return { status, output: named(output), error, stands, ...marks, lost, calls, rescues };
}
