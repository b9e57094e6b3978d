import { z } from 'zod';
import type { AdminClient } from '../admin-client.ts';
import { table } from '../table.ts';
import { hintFor } from './rejection-hints.ts';

const answer = z.object({
  counts: z.array(
    z.object({ source: z.string(), reason: z.string(), count: z.number(), lastDay: z.string().nullable() }),
  ),
  samples: z.array(
    z.object({
      at: z.string(),
      source: z.string(),
      reason: z.string(),
      status: z.number(),
      address: z.string(),
      bytes: z.number(),
      headerNames: z.array(z.string()),
    }),
  ),
});
type Rejections = z.output<typeof answer>;

/** `kait rejections`: what was not accepted in the last seven days, what to do about each reason, and the newest samples. */
export async function showRejections(
  admin: AdminClient,
  options: { limit: string; source?: string; reason?: string },
): Promise<string> {
  const query = new URLSearchParams({ ...options }).toString();
  const { counts, samples } = answer.parse(await admin.get(`/v1/rejections?${query}`));
  if (counts.length === 0 && samples.length === 0) return 'No request was rejected in the last seven days.';
  return [countTable(counts), hintLines(counts), sampleTable(samples)].filter((part) => part !== '').join('\n\n');
}

function countTable(counts: Rejections['counts']): string {
  if (counts.length === 0) return '';
  return table(
    ['requests', 'source', 'reason', 'last on'],
    counts.map(({ count, source, reason, lastDay }) => [count, source, reason, lastDay]),
  );
}

function hintLines(counts: Rejections['counts']): string {
  const reasons = [...new Set(counts.map(({ reason }) => reason))];
  return reasons.map((reason) => `${reason}: ${hintFor(reason)}`).join('\n');
}

function sampleTable(samples: Rejections['samples']): string {
  if (samples.length === 0) return '';
  return table(
    ['at', 'source', 'reason', 'answered', 'from', 'bytes', 'headers'],
    samples.map((row) => [
      row.at,
      row.source,
      row.reason,
      row.status === 0 ? 'closed' : row.status,
      row.address,
      row.bytes,
      row.headerNames.join(' '),
    ]),
  );
}
