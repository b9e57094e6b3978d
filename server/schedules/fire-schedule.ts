import type { FireInput, FireOutput } from '../../activities/schedules.ts';
import { nextTimes } from '../../language/cron.ts';
import { scheduledEvent } from '../../language/own-event.ts';
import type { Inbox } from '../inbox.ts';
import { ownEntry } from '../own-events/own-body.ts';

/** What Temporal appends to the id of a workflow that a schedule starts. */
const timeInId = /-(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z)$/;

/**
 * Stores the event for a time of a schedule: once, however often it is asked for. If the time is long over, or the next one has come as well,
 * there is none: of the times that an outage has missed, the last one makes up for all.
 */
export async function fireSchedule(
  { store, now }: { store: Inbox['store']; now: () => Date },
  { definition, schedule, timezone, catchUpMs, run }: FireInput,
): Promise<FireOutput> {
  const scheduledForMs = Date.parse(timeInId.exec(run)?.[1] ?? '');
  if (Number.isNaN(scheduledForMs)) return { event: null, skipped: 'No schedule has started this run' };
  const at = now();
  const lateMs = at.getTime() - scheduledForMs;
  if (lateMs > catchUpMs) return { event: null, skipped: `It is ${Math.round(lateMs / 1_000)} s late` };
  const [next = Infinity] = nextTimes(schedule, timezone, { afterMs: scheduledForMs, count: 1 });
  if (next <= at.getTime())
    return { event: null, skipped: `The time after it has come, ${new Date(next).toISOString()}` };
  const event = scheduledEvent(definition, { timezone }, { scheduledForMs, receivedAt: at.toISOString() });
  await store(ownEntry(event));
  return { event: event.id, skipped: null };
}
