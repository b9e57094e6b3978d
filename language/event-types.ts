import type { z } from 'zod';
import type { JsonObject } from './json.ts';

/** A type of outbound webhooks, as `definitions/event-types/<type>.json` describes it. */
export interface EventType {
  description: string | undefined;
  /** JSON Schema of the webhook's `data`. */
  data: JsonObject;
  /** Checks the `with` of the steps that emit it. */
  input: z.ZodObject;
}

/** By their names, such as `order.created`. */
export type EventTypes = ReadonlyMap<string, EventType>;
