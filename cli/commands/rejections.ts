import { answerOf, type ApiClient } from '../api-client.ts';
import type { components } from '../api-types.ts';
import { hintFor } from '../rejection-hints.ts';
import { table } from '../terminal.ts';

type Rejections = components['schemas']['Rejections'];

/** `kait rejections`: shows the last seven days' rejections, what to do about each reason, and the newest samples. */
export async function showRejections(
  api: ApiClient,
  options: { limit: number; source?: string; reason?: string },
): Promise<string> {
  const asked = api.GET('/rejections', { params: { query: options } });
  const { counts, items: samples, secretFaults } = await answerOf(asked);
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
