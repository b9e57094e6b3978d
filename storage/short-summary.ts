import { cutToJsonBytes } from '../language/well-formed.ts';

/** Bytes as JSON. Temporal allows 400. */
const mostSummaryBytes = 300;

/** Cuts the summary of a run or an activity to what Temporal accepts, between characters. */
export function shortSummary(text: string): string {
  return cutToJsonBytes(text, mostSummaryBytes);
}
