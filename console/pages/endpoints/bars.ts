import type { components } from '../../../cli/api-types.ts';

export type Health = components['schemas']['EndpointHealth'];

interface Bar {
  fromMs: number;
  attempts: number;
  failed: number;
}

const hourMs = 60 * 60 * 1_000;

/** The hours as bars of equal length without gaps, the oldest first: of an hour for a day, of more for longer, so that there are never too many to see. */
export function barsOf(hours: Health['hours'], days: number, nowMs: number): Bar[] {
  const lengthMs = hourMs * (days <= 1 ? 1 : days <= 7 ? 4 : 24);
  const count = Math.ceil((days * 24 * hourMs) / lengthMs);
  const endMs = Math.floor(nowMs / hourMs) * hourMs + hourMs;
  const startMs = endMs - count * lengthMs;
  const bars = Array.from({ length: count }, (_, index) => ({
    ...{ fromMs: startMs + index * lengthMs, attempts: 0, failed: 0 },
  }));
  for (const { at, attempts, failed } of hours) {
    const bar = bars[Math.floor((Date.parse(at) - startMs) / lengthMs)];
    if (bar === undefined) continue;
    bar.attempts += attempts;
    bar.failed += failed;
  }
  return bars;
}
