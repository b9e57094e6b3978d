import type { z } from 'zod';
import type { EventTypes } from './event-types.ts';
import { isObject, type Json, type JsonObject } from './json.ts';
import { formatValueFaults, valueFaults } from './values/check-value.ts';

/**
 * Why an event may not be told: its data is not what its description says, or there is none and the project is strict. In words without its
 * values; undefined if it may.
 */
export function eventDataFault(types: EventTypes, type: string, data: JsonObject): string | undefined {
  const described = types.byName.get(type);
  if (described === undefined) return isAmiss(types, type) ? `no file of event-types/ describes ${type}` : undefined;
  const faults = valueFaults(described.data, data);
  return faults.length === 0 ? undefined : `the data is no ${type}: ${formatValueFaults(faults)}`;
}

/** The schema of what tells events, which also refuses those that may not be told. For simulations: a worker refuses them itself. */
export function refusingFaultyData(input: z.ZodObject, eventTypes: EventTypes): z.ZodObject {
  return input.superRefine(({ type, data }, context) => {
    if (typeof type !== 'string' || !isObject(data as Json)) return; // Reported by the schema.
    const message = eventDataFault(eventTypes, type, data as JsonObject);
    if (message !== undefined) context.addIssue({ code: 'custom', message, input: data });
  });
}

/** A mistake in the file of a type stops no run. */
function isAmiss({ about, faulty }: EventTypes, type: string): boolean {
  return about.strict && faulty?.has(type) !== true;
}
