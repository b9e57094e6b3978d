import pc from 'picocolors';
import { answerOf, type ApiClient } from '../api-client.ts';
import type { components } from '../api-types.ts';
import { hintFor } from '../../server/receiver/rejection-hints.ts';
import { table } from '../terminal.ts';

type Rejections = components['schemas']['Rejections'];

/** `kait rejections`: shows what was rejected in the last hour, and in seven days, what to do about each reason, and the newest samples. */
export async function showRejections(
  api: ApiClient,
  options: { limit: number; source?: string; reason?: string },
): Promise<string> {
  const asked = api.GET('/rejections', { params: { query: options } });
  const { lastHour, counts, items: samples, secretFaults } = await answerOf(asked);
  if (counts.length === 0 && samples.length === 0) return 'No request was rejected in the last seven days.';
  return [
    lastHourText(lastHour),
    countTable(counts),
    [hintLines([...lastHour, ...counts]), ...faultLines(counts, secretFaults)].join('\n').trim(),
    sampleTable(samples),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

/** What the running Kait has rejected of a source within the last hour, with what to do. Null if nothing. */
export async function recentRejectionsOf(api: ApiClient, source: string): Promise<string | null> {
  const asked = api.GET('/rejections', { params: { query: { source, limit: 1 } } });
  const { lastHour, secretFaults } = await answerOf(asked);
  if (lastHour.length === 0) return null;
  return [lastHourText(lastHour), hintLines(lastHour), ...faultLines(lastHour, secretFaults)].join('\n');
}

/** The sources of which the running Kait has rejected something within the last hour. */
export async function recentlyRejecting(api: ApiClient): Promise<Set<string>> {
  const { lastHour } = await answerOf(api.GET('/rejections', { params: { query: { limit: 1 } } }));
  return new Set(lastHour.map(({ source }) => source));
}

/** How many of a source and reason a server samples in an hour. */
const mostSampled = 20;

function lastHourText(lastHour: Rejections['lastHour']): string {
  if (lastHour.length === 0) return 'Nothing was rejected in the last hour.';
  const rows = lastHour.map(({ source, reason, samples, lastAt }) => [
    samples >= mostSampled ? `${samples} or more` : samples,
    source,
    reason,
    lastAt,
  ]);
  return `${pc.yellow('!')} Rejected in the last hour:\n${table(['requests', 'source', 'reason', 'last at'], rows)}`;
}

function countTable(counts: Rejections['counts']): string {
  if (counts.length === 0) return '';
  return table(
    ['requests', 'source', 'reason', 'last on'],
    counts.map(({ count, source, reason, lastDay }) => [count, source, reason, lastDay]),
  );
}

function hintLines(counts: readonly { reason: string }[]): string {
  const reasons = [...new Set(counts.map(({ reason }) => reason))];
  return reasons.map((reason) => `${reason}: ${hintFor(reason)}`).join('\n');
}

/** The sources that have rejected something. */
function faultLines(counts: readonly { source: string }[], faults: Rejections['secretFaults']): string[] {
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
