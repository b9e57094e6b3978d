import type { Definition, EventTrigger, Logic, ManualTrigger, ScheduleTrigger, Trigger } from './definition.ts';

/*
 * What starts runs: an event of a gateway, a schedule, or a person. The last two are events as well, of a source that only Kait can write
 * to. So they are stored, deduplicated, searched and replayed like every other event.
 */

/** The source and the gateway of the events that Kait itself makes. No project can mount a source or add a preset of this name. */
export const ownSource = 'kait';

/** An event of {@link ownSource} for a time of a schedule. Its `entity` is the name of the only definition that it is for. */
export const scheduleType = 'kait:schedule';
/** An event of {@link ownSource} for a run that somebody starts. */
export const manualType = 'kait:manual';

/** What runs of a scheduled definition see as `event.data`. */
export interface ScheduleData {
  /** The time of the schedule, RFC 3339 in UTC. Equals `event.occurredAt`. */
  scheduledFor: string;
  /** The schedule's time zone. */
  timezone: string;
  /** The date there: `2026-11-28`. */
  date: string;
  /** The time of day there: `08:00`. */
  time: string;
}

export function isScheduled(on: Definition['on']): on is ScheduleTrigger {
  return on !== 'run' && 'schedule' in on;
}

export function isManual(on: Definition['on']): on is ManualTrigger {
  return on !== 'run' && 'manual' in on;
}

export function isEventTrigger(on: Definition['on']): on is EventTrigger {
  return on !== 'run' && 'event' in on;
}

/** Whether the runs of a trigger are started by events that Kait itself makes. */
export function isOwnTrigger(on: Definition['on']): on is Exclude<Trigger, EventTrigger> {
  return isScheduled(on) || isManual(on);
}

/** The types, canonical or native, of the events that start runs. */
export function triggerTypes(on: Definition['on']): string[] {
  if (on === 'run') return [];
  if (isScheduled(on)) return [scheduleType];
  return isManual(on) ? [manualType] : [on.event].flat();
}

/** The condition of a trigger; undefined if it has none. */
export function guardOfTrigger(on: Definition['on']): Logic | undefined {
  return on === 'run' || isManual(on) ? undefined : on.if;
}
