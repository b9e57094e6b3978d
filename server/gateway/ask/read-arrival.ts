import { randomUUID } from 'node:crypto';
import type { CompiledPreset } from '../compile-preset.ts';
import type { InboundRequest } from '../inbound-request.ts';
import { readEvents, type EventSource, type ReadEvent } from '../read-events.ts';
import { createRequestView } from '../request-view.ts';
import { hintOf, noticeOf } from './hint.ts';

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
  if (preset.isHint === null) return events;
  const view = createRequestView(request, preset.body, source.settings);
  return preset.isHint(view) ? events.map((read) => hintOf(read, randomUUID())) : events.map(noticeOf);
}
