import { printable } from '../../language/printable.ts';
import { answerOf, type ApiClient } from '../api-client.ts';
import { table } from '../terminal.ts';
import { whoAmI } from '../who-am-i.ts';

/** `kait schedules`: when scheduled definitions run, and which of them are paused. */
export async function showSchedules(api: ApiClient): Promise<string> {
  const { items } = await answerOf(api.GET('/schedules', {}));
  if (items.length === 0)
    return 'No definition has a schedule: "on": {"schedule": "0 8 * * *", "timezone": "Asia/Jakarta"}.';
  return table(
    ['definition', 'schedule', 'next', 'last', 'state'],
    items.map(({ definition, schedule, timezone, next, paused, note, lastFor }) => [
      definition,
      `${schedule.join(', ')} ${timezone}`,
      paused === true ? '-' : (next[0] ?? '-'),
      lastFor ?? '-',
      paused === false ? 'on' : `${paused === true ? 'paused' : 'unknown'}: ${printable(note ?? '')}`,
    ]),
  );
}

/** `kait schedules pause` and `resume`. */
export async function setSchedulePaused(
  api: ApiClient,
  definition: string,
  { paused, reason }: { paused: boolean; reason: string },
): Promise<string> {
  const asked = { params: { path: { definition } }, body: { reason, by: whoAmI() } };
  await answerOf(
    paused ? api.POST('/schedules/{definition}/pause', asked) : api.POST('/schedules/{definition}/resume', asked),
  );
  return paused
    ? `The schedule of ${definition} is paused. Times that pass meanwhile are not made up for.`
    : `The schedule of ${definition} goes on.`;
}

/** `kait schedules run`: as if this moment were a time of the schedule. */
export async function runSchedule(api: ApiClient, definition: string, { reason }: { reason: string }): Promise<string> {
  const asked = { params: { path: { definition } }, body: { reason, by: whoAmI() } };
  const { run, eventId } = await answerOf(api.POST('/schedules/{definition}/runs', asked));
  return `Started ${run}.\nIts event: kait/${eventId}`;
}
