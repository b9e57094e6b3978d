import { useLocation } from 'wouter-preact';

/*
 * The addresses of the pages, each in one place. Ids hold slashes, percent signs and worse, so each is one encoded segment.
 */

export function eventLink(source: string, eventId: string): string {
  return `/events/${encodeURIComponent(source)}/${encodeURIComponent(eventId)}`;
}

export function runLink(workflowId: string): string {
  return `/runs/${encodeURIComponent(workflowId)}`;
}

export function definitionLink(name: string): string {
  return `/definitions/${encodeURIComponent(name)}`;
}

export function sourceLink(name: string): string {
  return `/sources/${encodeURIComponent(name)}`;
}

export function endpointLink(id: string): string {
  return `/endpoints/${encodeURIComponent(id)}`;
}

export function deliveryLink(id: string): string {
  return `/deliveries/${encodeURIComponent(id)}`;
}

export function replayLink(id: string): string {
  return `/replays/${encodeURIComponent(id)}`;
}

/** A list with its filters. Those without a value are left out. */
export function listLink(path: string, filters: Record<string, string | undefined>): string {
  const query = new URLSearchParams(
    Object.entries(filters).filter((entry): entry is [string, string] => Boolean(entry[1])),
  );
  return query.size === 0 ? path : `${path}?${query.toString()}`;
}

/**
 * The decoded segments of the present path after its first: `['stripe', 'evt_1']` of `/events/stripe/evt_1`. The router's own parameters are decoded
 * once too often for ids with percent signs.
 */
export function useSegments(): string[] {
  useLocation(); // Drawn again when it changes.
  return segmentsOf(window.location.pathname.replace(/^\/portal(?=\/)/, ''));
}

export function segmentsOf(path: string): string[] {
  return path.split('/').slice(2).map(decoded);
}

/** Somebody may have typed it. */
function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
