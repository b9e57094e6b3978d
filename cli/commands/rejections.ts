import { z } from 'zod';
import type { AdminClient } from '../admin-client.ts';
import { hintFor } from '../rejection-hints.ts';
import { table } from '../terminal.ts';

const answer = z.object({
  counts: z.array(
    z.object({ source: z.string(), reason: z.string(), count: z.number(), lastDay: z.string().nullable() }),
  ),
  items: z.array(
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
  secretFaults: z.array(z.object({ source: z.string(), variable: z.string(), fault: z.string() })).default([]),
});
type Rejections = z.output<typeof answer>;

/** `kait rejections`: shows the last seven days' rejections, what to do about each reason, and the newest samples. */
export async function showRejections(
  admin: AdminClient,
  options: { limit: number; source?: string; reason?: string },
): Promise<string> {
  const query = new URLSearchParams({ ...options, limit: String(options.limit) }).toString();
  const { counts, items: samples, secretFaults } = answer.parse(await admin.get(`/api/v1/rejections?${query}`));
  if (counts.length === 0 && samples.length === 0) return 'No request was rejected in the last seven days.';
  return [
    countTable(counts),
    [hintLines(counts), ...faultLines(counts, secretFaults)].join('\n').trim(),
    sampleTable(samples),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
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

/** The sources that have rejected something. */
function faultLines(counts: Rejections['counts'], faults: Rejections['secretFaults']): string[] {
  return faults
    .filter(({ source }) => counts.some((each) => each.source === source))
    .map(({ source, variable, fault }) => `${source}: its secret ${variable} ${fault}.`);
}

function sampleTable(samples: Rejections['items']): string {
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
