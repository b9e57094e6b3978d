import { localDateAndTime } from './cron.ts';
import type { ScheduleTrigger } from './definition.ts';
import { noFacts, type CanonicalEvent } from './event.ts';
import type { Json, JsonObject } from './json.ts';
import { manualType, ownSource, scheduleType, type ScheduleData } from './triggers.ts';

/** The event for a time of a schedule. There is one for each time, however often and wherever it is made. */
export function scheduledEvent(
  definition: string,
  { timezone = 'UTC' }: Pick<ScheduleTrigger, 'timezone'>,
  { scheduledForMs, receivedAt }: { scheduledForMs: number; receivedAt: string },
): CanonicalEvent {
  const scheduledFor = new Date(scheduledForMs).toISOString();
  const data: ScheduleData = { scheduledFor, timezone, ...localDateAndTime(timezone, scheduledForMs) };
  return {
    ...ownEvent(definition, 'schedule', receivedAt),
    id: `schedule:${definition}:${scheduledFor.slice(0, 19)}Z`,
    occurredAt: scheduledFor,
    data: data as unknown as Json,
  };
}

/** The event for a run that somebody starts. The same key is the same event. */
export function manualEvent(
  definition: string,
  { key, input, receivedAt }: { key: string; input: JsonObject; receivedAt: string },
): CanonicalEvent {
  return { ...ownEvent(definition, 'manual', receivedAt), id: manualEventId(definition, key), data: input };
}

function manualEventId(definition: string, key: string): string {
  return `manual:${definition}:${key}`;
}

function ownEvent(definition: string, nativeType: 'schedule' | 'manual', receivedAt: string): CanonicalEvent {
  return {
    id: '',
    source: ownSource,
    gateway: ownSource,
    type: nativeType === 'schedule' ? scheduleType : manualType,
    nativeType,
    occurredAt: receivedAt,
    receivedAt,
    entity: definition,
    tenant: null,
    ...noFacts,
    data: null,
  };
}
