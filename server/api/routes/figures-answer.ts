import { z } from 'zod';
import type { Sent } from '../define-route.ts';
import * as fields from '../fields.ts';

/** Described where it is declared: a reference with a description of its own becomes a schema that takes nothing. */
const flow = z
  .object({
    perMinute: z
      .array(z.int().nullable())
      .describe('Of the last 60 minutes, the oldest first. Null: not counted, because there was too much since.'),
    rate: z.number().describe('A minute, on average of the last five.'),
  })
  .meta({ id: 'Flow', description: 'Events that came in, runs that were started, or deliveries that succeeded.' });

const latency = z
  .object({ median: z.int(), slow: z.int().describe('The 95th percentile.'), count: z.int() })
  .meta({ id: 'Latency' })
  .nullable();

export const figuresAnswer = z
  .object({
    at: fields.instant,
    events: flow,
    runs: flow,
    deliveries: flow,
    latency: z
      .object({
        start: latency.describe('From the receipt of an event to the start of its run.'),
        run: latency.describe('Of runs that were completed. Null: there were none, or Temporal did not say.'),
        delivery: latency.describe('From the emission of a webhook to its delivery, with all attempts.'),
      })
      .describe('Milliseconds, of the newest 200 of the last hour.'),
  })
  .meta({ id: 'Figures' });

export type FiguresAnswer = Sent<z.input<typeof figuresAnswer>>;
