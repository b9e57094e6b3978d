import {
  ScheduleAlreadyRunning,
  ScheduleNotFoundError,
  ScheduleOverlapPolicy,
  type ScheduleClient,
  type ScheduleDescription,
} from '@temporalio/client';
import { TypedSearchAttributes } from '@temporalio/common';
import { cronFields } from '../../language/cron.ts';
import type { Definition, RunInput, ScheduleTrigger } from '../../language/definition.ts';
import { noFacts } from '../../language/event.ts';
import { isObject, type Json } from '../../language/json.ts';
import { parseDuration } from '../../language/time.ts';
import { isScheduled, ownSource, scheduleType } from '../../language/triggers.ts';
import { shortSummary } from '../../storage/short-summary.ts';
import { digestOf, type Installation, sealOf, taskQueuesOf } from '../../storage/installation.ts';
import { createFairRounds, type FairRounds, type Turn } from '../fair-rounds.ts';
import { searchAttributeNames, searchAttributes } from '../search-attributes.ts';

/** Kait's own definition that a schedule runs. Its name is also the workflow type in Temporal. */
const fireDefinitionName = 'kait-schedule';

/** A definition that runs at certain times. */
export interface ScheduledDefinition extends Required<Omit<ScheduleTrigger, 'if' | 'schedule'>> {
  name: string;
  schedule: string[];
}

/** With everything that the definition leaves out. */
export function scheduledOf(definitions: readonly { definition: Definition }[]): ScheduledDefinition[] {
  return definitions.flatMap(({ definition: { name, on } }) => {
    if (!isScheduled(on)) return [];
    const { schedule, timezone = 'UTC', catchUp = '1h' } = on;
    return [{ name, schedule: [schedule].flat().map(cronFields), timezone, catchUp }];
  });
}

export interface SyncSchedulesDeps {
  /** `client.schedule`. */
  schedules: Pick<ScheduleClient, 'create' | 'getHandle' | 'list'>;
  installation: Installation;
  now: () => Date;
  /** The search attributes that the namespace has. Default: all of Kait's. */
  usableAttributes?: ReadonlySet<string>;
}

/** `<installation>/schedule/<definition>`. Temporal appends the time to it and makes that the id of the workflow that it starts. */
export function scheduleIdOf(installation: string, definition: string): string {
  return `${installation}/schedule/${definition}`;
}

/**
 * Creates, updates and deletes schedules in Temporal so that they are those of the definitions. Idempotent, and safe while another server
 * does the same: one that is right already is left alone. Schedules that somebody has paused stay paused. Without `mayRemove`, those that are
 * not wanted stay. Resolves to the failures by the ids of their schedules, which hold up no other. Rejects if Temporal cannot list them.
 */
export function syncSchedules(
  deps: SyncSchedulesDeps,
  wanted: readonly ScheduledDefinition[],
  { mayRemove, rounds = createFairRounds() }: { mayRemove: boolean; rounds?: FairRounds },
): Promise<Map<string, unknown>> {
  return rounds.run(turnsOf(deps, wanted, mayRemove));
}

async function* turnsOf(
  deps: SyncSchedulesDeps,
  wanted: readonly ScheduledDefinition[],
  mayRemove: boolean,
): AsyncGenerator<Turn> {
  const { id } = deps.installation;
  for (const each of wanted) yield { key: scheduleIdOf(id, each.name), act: () => put(deps, each) };
  if (!mayRemove) return;
  const names = new Set(wanted.map(({ name }) => scheduleIdOf(id, name)));
  for await (const { scheduleId } of deps.schedules.list()) {
    const isLeftOver = scheduleId.startsWith(scheduleIdOf(id, '')) && !names.has(scheduleId);
    if (isLeftOver) yield { key: scheduleId, act: () => remove(deps, scheduleId) };
  }
}

async function put(deps: SyncSchedulesDeps, wanted: ScheduledDefinition): Promise<void> {
  const scheduleId = scheduleIdOf(deps.installation.id, wanted.name);
  const handle = deps.schedules.getHandle(scheduleId);
  const options = optionsOf(wanted, scheduleId, deps);
  const present = await existing(handle.describe());
  if (present === null) {
    try {
      await deps.schedules.create({ scheduleId, ...options });
      return;
    } catch (error) {
      if (!(error instanceof ScheduleAlreadyRunning)) throw error; // Another server was faster.
    }
  } else if (hashIn(present) === hashOf(wanted)) return;
  await handle.update(({ state }) => ({ ...options, state }));
}

/** Null if there is no such schedule. */
async function existing(asked: Promise<ScheduleDescription>): Promise<ScheduleDescription | null> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return null;
    throw error;
  }
}

async function remove({ schedules }: SyncSchedulesDeps, scheduleId: string): Promise<void> {
  try {
    await schedules.getHandle(scheduleId).delete();
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error; // The list lags a little behind.
  }
}

/** Of everything that a schedule is made of, so that a change of it, or of Kait, is noticed. */
function hashOf(wanted: ScheduledDefinition): string {
  return digestOf({ wanted, definition });
}

function hashIn({ action }: ScheduleDescription): Json | undefined {
  const [input] = (action.args ?? []) as Json[]; // Decoded from JSON.
  return isObject(input) ? input.definitionHash : undefined;
}

function optionsOf(wanted: ScheduledDefinition, scheduleId: string, deps: SyncSchedulesDeps) {
  const { installation, now, usableAttributes = new Set(searchAttributeNames) } = deps;
  const { name, schedule, timezone, catchUp } = wanted;
  const catchUpMs = parseDuration(catchUp);
  const input = fireRunOf(wanted, now());
  const seal = sealOf(installation, { kind: 'schedule', id: scheduleId, inputDigest: digestOf(input) });
  const attributes = [
    { key: searchAttributes.definition, value: fireDefinitionName },
    { key: searchAttributes.source, value: ownSource },
    { key: searchAttributes.eventType, value: scheduleType },
    { key: searchAttributes.entity, value: name },
  ];
  return {
    spec: { cronExpressions: schedule, timezone },
    policies: {
      // Which of several times counts is decided when the event is stored: a worker may be away as well as Temporal.
      overlap: ScheduleOverlapPolicy.ALLOW_ALL,
      catchupWindow: catchUpMs,
    },
    action: {
      type: 'startWorkflow' as const,
      workflowType: fireDefinitionName,
      workflowId: scheduleId,
      taskQueue: taskQueuesOf(installation.id).runs,
      args: [{ ...input, seal }],
      // After that, its time is too late in any case.
      workflowExecutionTimeout: catchUpMs + 60_000,
      staticSummary: shortSummary(`a time of ${name}`),
      typedSearchAttributes: new TypedSearchAttributes(attributes.filter(({ key }) => usableAttributes.has(key.name))),
    },
  };
}

const definition: Definition = {
  name: fireDefinitionName,
  title: 'Start a scheduled run',
  on: 'run',
  steps: [
    {
      id: 'fire',
      title: 'Store the event that starts it',
      call: 'schedule.fire',
      with: {
        definition: '{{event.data.name}}',
        schedule: '{{event.data.schedule}}',
        timezone: '{{event.data.timezone}}',
        catchUpMs: '{{event.data.catchUpMs}}',
        run: '{{run.id}}',
      },
      retry: { attempts: 1_000, first: '1s', factor: 2, max: '30s' },
    },
  ],
  output: '{{steps.fire}}',
};

/** The input with which a schedule starts the interpreter. Its event is invented; the run stores the one that counts. */
function fireRunOf(wanted: ScheduledDefinition, at: Date): RunInput {
  const instant = at.toISOString();
  const { name, schedule, timezone, catchUp } = wanted;
  return {
    definition,
    definitionHash: hashOf(wanted),
    localActivities: [],
    event: {
      id: fireDefinitionName,
      source: ownSource,
      gateway: ownSource,
      type: scheduleType,
      nativeType: 'schedule',
      occurredAt: instant,
      receivedAt: instant,
      entity: name,
      tenant: null,
      ...noFacts,
      data: { name, schedule, timezone, catchUpMs: parseDuration(catchUp) },
    },
  };
}
