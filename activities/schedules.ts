import { z } from 'zod';
import { askDatabase } from './ask-database.ts';
import type { CatalogueEntry } from './catalogue-entry.ts';
import { parseShape } from './parse-input.ts';

/** An activity that only Kait's own schedules call; a definition cannot. */
export const scheduleActivities = {
  'schedule.fire': {
    title: 'Store the event of a schedule',
    input: z.strictObject({
      definition: z.string().min(1).max(64),
      schedule: z.array(z.string().max(200)).min(1).max(10),
      timezone: z.string().min(1).max(64),
      /** See `ScheduleTrigger.catchUp`. */
      catchUpMs: z.int().min(0),
      /** The run's own workflow id, to which Temporal has appended the time. */
      run: z.string().max(1_000),
    }),
    /** The id of the event; or why there is none. */
    output: z.strictObject({ event: z.string().nullable(), skipped: z.string().nullable() }),
    where: 'network',
  },
} as const satisfies Record<string, CatalogueEntry>;

export type FireInput = z.infer<(typeof scheduleActivities)['schedule.fire']['input']>;
export type FireOutput = z.infer<(typeof scheduleActivities)['schedule.fire']['output']>;

export function createScheduleActivities({ fire }: { fire: (input: FireInput) => Promise<FireOutput> }) {
  const { input: schema } = scheduleActivities['schedule.fire'];
  return {
    'schedule.fire': (input: unknown) => askDatabase(() => fire(parseShape('schedule.fire', schema, input))),
  };
}
