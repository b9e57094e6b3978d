import { referencesOf } from '../../language/data-references.ts';
import type { CanonicalEvent } from '../../language/event.ts';
import type { Json } from '../../language/json.ts';
import { reduceData } from '../../language/reduce-data.ts';
import { runLimits } from '../../language/verbs.ts';
import type { Envelope } from '../stored-envelope.ts';

/** A stored event without its `data`, and what that is computed from. */
export interface StoredEvent {
  row: number;
  envelope: Envelope;
  gateway: string;
  /** Null if it is no longer kept. */
  body: { bytes: Uint8Array; contentType: string } | null;
  /** Which event of the body this is. */
  item: number;
}

/** Reads a stored body. Throws if that cannot be done any more. The result computes an event's `data` from its item. */
export type ReadData = (gateway: string, body: Buffer, contentType: string) => (item: number) => Json;

/**
 * An event as a run under way takes it. If it is too large, its `data` has only what these paths lead to, which `match` compares, or nothing
 * if that is still too large. The inbox has all of it.
 */
export function eventForRun(stored: StoredEvent, readData: ReadData, matched: readonly string[]): CanonicalEvent {
  const event = { ...stored.envelope, data: dataOf(stored, readData) };
  if (fits(event)) return event;
  const reduced = { ...event, data: reduceData(event.data, referencesOf(matched)) };
  return fits(reduced) ? reduced : { ...event, data: null };
}

function fits(event: CanonicalEvent): boolean {
  return JSON.stringify(event).length <= runLimits.awaitedEvent;
}

/** An event whose body is gone, or cannot be read any more, still says what it is about. */
export function dataOf({ gateway, body, item }: Omit<StoredEvent, 'envelope' | 'row'>, readData: ReadData): Json {
  if (body === null) return null;
  try {
    return readData(gateway, Buffer.from(body.bytes), body.contentType)(item);
  } catch {
    return null;
  }
}
