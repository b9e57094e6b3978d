import { resolve } from 'node:path';
import type { OwnActivity } from '../activities/own/define-activity.ts';
import type { Sql } from '../activities/own/sql.ts';
import type { Json, JsonObject } from '../language/json.ts';
import { completeEvent, type PartialEvent } from '../simulator/complete-event.ts';
import { explainTrigger } from '../simulator/explain-trigger.ts';
import type { Mocks } from '../simulator/mocks.ts';
import type { ScriptEntry } from '../simulator/script.ts';
import type { Simulation } from '../simulator/simulation.ts';
import { storeEvent } from './call-activity.ts';
import { openTested } from './open-tested.ts';
import { simulateWithEffects } from './simulate-with-effects.ts';
import { testDatabase } from './test-database.ts';

export interface RunDefinitionOptions {
  /** The event that the run is about. What is missing is filled in so that the trigger is likely to match. */
  event?: PartialEvent;
  /** The activities of the project. Those of the kind `database` are run on a database in memory, unless a mock answers. */
  activities?: readonly OwnActivity[];
  /** What activities return, by step, as in `.test.json`. */
  mocks?: Mocks;
  /** What happens to the run later, as in `.test.json`: events, decisions, cancellation. */
  events?: readonly ScriptEntry[];
  /** Settings with other values than their defaults. */
  settings?: JsonObject;
  vars?: JsonObject;
  /** Puts rows into the project's tables first, which are as the migrations have left them. */
  prepare?: (sql: Sql) => Promise<unknown>;
  /** Values of `KAIT_SECRET_…`, by their names. */
  secrets?: Readonly<Record<string, string>>;
  /** The folder of the project's migrations. Default: `migrations` in the working folder. */
  migrations?: string;
}

export interface DefinitionRun extends Omit<Simulation, 'status'> {
  /** `untriggered`: the event starts no run. `because` says why. */
  status: Simulation['status'] | 'untriggered';
  /** Why the event starts a run, or does not. */
  because: string;
  /** The output of each step that has one, by its path: `order`, `pay/3`. */
  outputs: Record<string, Json>;
  /** For looking at the project's tables afterwards. */
  sql: Sql;
}

/**
 * Runs a definition on a virtual clock: a wait of a year takes no time. Activities are mocked, run on a database in memory, or else made up
 * in the shape of their output. Rejects if the definition has a mistake.
 */
export async function runDefinition(file: string, options: RunDefinitionOptions = {}): Promise<DefinitionRun> {
  const { activities = [] } = options;
  const opened = await openTested(file, activities);
  const world = await testDatabase(resolve(options.migrations ?? 'migrations'));
  await world.reset();
  await options.prepare?.(world.sql);
  const { event } = completeEvent(options.event ?? {}, opened.definition);
  await storeEvent(world, event);
  const settings = { ...opened.settings, ...options.settings };
  const { triggered, because } = explainTrigger(opened.definition, event, settings);
  const isStarted = triggered || opened.definition.on === 'run';
  const simulation = isStarted
    ? await simulateWithEffects(world, activities, {
        ...{ ...opened, settings, event, mocks: options.mocks ?? {}, script: options.events ?? [] },
        ...{ vars: options.vars ?? {}, secrets: options.secrets ?? {} },
      })
    : { ...neverStarted, status: 'untriggered' as const };
  const outputs = simulation.trace.flatMap(({ path, output }) =>
    output === undefined ? [] : [[path, output] as const],
  );
  return { ...simulation, because, outputs: Object.fromEntries(outputs), sql: world.sql };
}

const neverStarted = {
  ...{
    output: null,
    error: null,
    stuckAt: [],
    isCutOff: false,
    endedAt: '+0s',
    continuations: 0,
    trace: [],
    undone: [],
    refused: [],
  },
};
