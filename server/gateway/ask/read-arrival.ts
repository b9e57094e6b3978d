import { randomUUID } from 'node:crypto';
import type { CompiledPreset } from '../compile-preset.ts';
import type { InboundRequest } from '../inbound-request.ts';
import { readEvents, type EventSource, type ReadEvent } from '../read-events.ts';
import { hintOf } from './hint.ts';

/**
 * The events of a webhook as they are stored: of a gateway whose requests are hints, nothing of what they say. See
 * {@link readEvents}.
 */
export function readArrival(
  preset: CompiledPreset,
  source: EventSource,
  request: InboundRequest,
  receivedAt: Date,
): ReadEvent[] {
  const events = readEvents(preset, source, request, receivedAt);
  return preset.preset.fetch === undefined ? events : events.map((read) => hintOf(read, randomUUID()));
}
