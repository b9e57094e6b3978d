import { randomUUID } from 'node:crypto';
import type { CompiledPreset } from '../compile-preset.ts';
import type { InboundRequest } from '../inbound-request.ts';
import { readEvents, type EventSource, type ReadEvent } from '../read-events.ts';
import { createRequestView } from '../request-view.ts';
import { noticeOf, unsignedEventOf } from './notice.ts';

/**
 * The events of a webhook as they are stored: of a gateway whose requests are notices, nothing of what they say. See
 * {@link readEvents}.
 */
export function readArrival(
  preset: CompiledPreset,
  source: EventSource,
  request: InboundRequest,
  receivedAt: Date,
): ReadEvent[] {
  const events = readEvents(preset, source, request, receivedAt);
  if (preset.isNotice === null) return events;
  const view = createRequestView(request, preset.body, source.settings);
  return preset.isNotice(view) ? events.map((read) => noticeOf(read, randomUUID())) : events.map(unsignedEventOf);
}
