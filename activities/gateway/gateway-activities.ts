import { z } from 'zod';
import type { CatalogueEntry } from '../catalogue-entry.ts';

const source = z.string().min(1).max(63);
/** The id of an event, or of its notice: `notice:` and the same. */
const eventId = z.string().min(1).max(263);

/** Activities that only Kait's own steps call; a definition cannot. */
export const gatewayActivities = {
  'gateway.confirm': {
    title: 'Ask the gateway whether the event is true',
    input: z.strictObject({ source, eventId }),
    output: z.strictObject({
      confirmed: z.literal(true),
      /** The values that were compared, by name. */
      state: z.record(z.string(), z.string()),
    }),
    where: 'network',
  },
  'gateway.reconcile': {
    title: 'Ask the gateway for events that did not arrive',
    input: z.strictObject({ source }),
    /** See `Reconciled`. */
    output: z.strictObject({ asked: z.int(), found: z.int(), missing: z.int(), stored: z.int() }),
    where: 'network',
  },
} as const satisfies Record<string, CatalogueEntry>;

export type GatewayActivityName = keyof typeof gatewayActivities;
export type GatewayInput<Name extends GatewayActivityName> = z.infer<(typeof gatewayActivities)[Name]['input']>;
export type GatewayOutput<Name extends GatewayActivityName> = z.infer<(typeof gatewayActivities)[Name]['output']>;

/** The input of the standalone activity `gateway.fetch`, which the dispatcher starts for a notice. */
export const fetchInput = z.strictObject({ source, eventId });

/** The input of the standalone activity `gateway.find`, which the server starts for an operator. */
export const findInput = z.strictObject({
  source,
  id: z.string().min(1).max(200),
  lookBackMs: z
    .int()
    .min(1)
    .max(90 * 24 * 60 * 60 * 1_000),
});
