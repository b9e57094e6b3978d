import type { ScheduleClient } from '@temporalio/client';
import { nextTimes } from '../../language/cron.ts';
import { scheduledEvent } from '../../language/own-event.ts';
import { ownSource, scheduleType } from '../../language/triggers.ts';
import type { Database } from '../../storage/database.ts';
import { audit } from '../../storage/schema.ts';
import { withDeadline } from '../../storage/with-deadline.ts';
import { storeOwnEvent } from '../own-events/store-own-event.ts';
import type { ServedDefinitions } from '../serve-definitions.ts';
import { workflowIdOf } from '../start-run.ts';
import { scheduledOf, scheduleIdOf, type ScheduledDefinition } from './sync-schedules.ts';

export interface ManageSchedulesDeps {
  database: Database;
  /** Its id. */
  installation: string;
  served: Pick<ServedDefinitions, 'definitions'>;
  /** `client.schedule`. Throws while Temporal was not reached yet. */
  schedules: () => Pick<ScheduleClient, 'getHandle'>;
  now: () => Date;
  /** Called once something new is to be dispatched. */
  wake: () => void;
}

export interface ListedSchedule extends ScheduledDefinition {
  /** RFC 3339 in UTC; at most five. */
  next: string[];
  /** Null: Temporal does not say, or does not have it yet. */
  paused: boolean | null;
  /** Why it is paused, or what is wrong with it. */
  note: string | null;
  /** For which time, or when, it has started a run last. */
  lastFor: Date | null;
}

/** Who wants it, and why. */
interface Wish {
  definition: string;
  actor: string;
  reason: string;
}

const shownTimes = 5;
const askMs = 3_000;

/** The schedules of the definitions that are served, by their names. */
export async function listSchedules(deps: ManageSchedulesDeps): Promise<ListedSchedule[]> {
  const scheduled = scheduledOf(deps.served.definitions);
  const last = await lastTimes(deps.database, scheduled);
  const listed = scheduled.map(async (each): Promise<ListedSchedule> => {
    const { name, schedule, timezone } = each;
    const times = nextTimes(schedule, timezone, { afterMs: deps.now().getTime(), count: shownTimes });
    return {
      ...each,
      next: times.map((ms) => new Date(ms).toISOString()),
      ...(await stateOf(deps, name)),
      lastFor: last.get(name) ?? null,
    };
  });
  return (await Promise.all(listed)).sort((one, other) => (one.name < other.name ? -1 : 1));
}

async function stateOf(
  { schedules, installation }: ManageSchedulesDeps,
  name: string,
): Promise<Pick<ListedSchedule, 'paused' | 'note'>> {
  try {
    const handle = schedules().getHandle(scheduleIdOf(installation, name));
    const { state } = await withDeadline(handle.describe(), askMs, 'Temporal');
    return { paused: state.paused, note: state.paused ? (state.note ?? null) : null };
  } catch {
    return { paused: null, note: 'Temporal does not have it yet, or does not answer' };
  }
}

const lastSql = `
  select wanted.name, (select max(occurred_at) from events
    where source = '${ownSource}' and entity = wanted.name and type = '${scheduleType}') as last
  from json_array_elements_text($1::json) as wanted (name)`;

async function lastTimes(database: Database, scheduled: readonly ScheduledDefinition[]): Promise<Map<string, Date>> {
  const names = JSON.stringify(scheduled.map(({ name }) => name));
  const rows = await database.run<{ name: string; last: string | Date | null }>('schedules-last', lastSql, [names]);
  return new Map(rows.flatMap(({ name, last }) => (last === null ? [] : [[name, new Date(last)] as const])));
}

/**
 * Pauses a schedule, or lets it go on. Times that pass meanwhile are not made up for. False if no definition of this name has a schedule.
 * Rejects if Temporal does not answer. Repeating it changes nothing, and is recorded once more.
 */
export async function setPaused(
  deps: ManageSchedulesDeps,
  paused: boolean,
  { definition, actor, reason }: Wish,
): Promise<boolean> {
  if (findScheduled(deps, definition) === undefined) return false;
  const handle = deps.schedules().getHandle(scheduleIdOf(deps.installation, definition));
  const note = `${actor}: ${reason}`;
  await withDeadline(paused ? handle.pause(note) : handle.unpause(note), askMs, 'Temporal');
  const action = paused ? 'pause-schedule' : 'resume-schedule';
  await deps.database.orm.insert(audit).values({ actor, action, target: definition, reason });
  return true;
}

/**
 * Starts a run of a scheduled definition as if this second were a time of its schedule, even if that is paused. Undefined if no definition of
 * this name has a schedule. Does not need Temporal: the run starts once it is there.
 */
export async function runNow(
  deps: ManageSchedulesDeps,
  wish: Wish,
): Promise<{ source: string; eventId: string; workflowId: string } | undefined> {
  const scheduled = findScheduled(deps, wish.definition);
  if (scheduled === undefined) return undefined;
  const now = deps.now();
  const scheduledForMs = Math.floor(now.getTime() / 1_000) * 1_000;
  const event = scheduledEvent(scheduled.name, scheduled, { scheduledForMs, receivedAt: now.toISOString() });
  const workflowId = workflowIdOf(deps.installation, scheduled.name, event);
  if (await storeOwnEvent(deps.database, event, { ...wish, workflowId })) deps.wake();
  return { source: event.source, eventId: event.id, workflowId };
}

function findScheduled({ served }: ManageSchedulesDeps, name: string): ScheduledDefinition | undefined {
  return scheduledOf(served.definitions).find((each) => each.name === name);
}
