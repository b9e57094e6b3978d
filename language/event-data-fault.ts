import type { EventTypes } from './event-types.ts';
import type { JsonObject } from './json.ts';
import { formatValueFaults, valueFaults } from './values/check-value.ts';

/** Why the data of an event is not what its description says, in words without its values; undefined if it is, or if there is none. */
export function eventDataFault({ byName }: EventTypes, type: string, data: JsonObject): string | undefined {
  const described = byName.get(type);
  const faults = described === undefined ? [] : valueFaults(described.data, data);
  return faults.length === 0 ? undefined : `the data is no ${type}: ${formatValueFaults(faults)}`;
}
