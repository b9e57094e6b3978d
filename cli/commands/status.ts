import pc from 'picocolors';
import { z } from 'zod';
import { printable } from '../../language/printable.ts';
import { formatFaults } from '../../server/faults.ts';
import { answerOf, type ApiClient } from '../api-client.ts';
import { shownDuration } from '../shown-time.ts';

const fault = z.object({
  kind: z.enum([
    'definition',
    'activity',
    'preset',
    'source',
    'mail-template',
    'event-type',
    'secrets',
    'settings',
    'people',
  ]),
  what: z.string(),
  problem: z.string(),
  meanwhile: z.string(),
});
const taskQueue = z.looseObject({ name: z.string(), serves: z.string(), state: z.string() });
const runningProcess = z.looseObject({
  kind: z.string(),
  name: z.string(),
  problem: z.string().nullable(),
  notes: z.array(z.string()),
});
const pile = z.object({ count: z.number(), oldest: z.string().nullable() });
const stuckSchema = z.object({
  events: z.record(z.string(), pile),
  approvals: pile,
  deliveries: z.record(z.string(), pile),
  silent: z.array(z.object({ source: z.string(), last: z.string(), longestPauseSeconds: z.number() })),
  rejected: z.array(z.object({ source: z.string(), reason: z.string(), count: z.number(), last: z.string() })),
});
const statusSchema = z.looseObject({
  version: z.string().optional(),
  installation: z.string().optional(),
  receiver: z.string().optional(),
  adminUrl: z.string().optional(),
  database: z.string().optional(),
  databaseAddress: z.string().nullable().optional(),
  temporal: z
    .looseObject({
      address: z.string().optional(),
      namespace: z.string().optional(),
      problem: z.string().nullable().optional(),
      ui: z.string().nullable().optional(),
    })
    .optional(),
  faults: z.array(fault).default([]),
  taskQueues: z.array(taskQueue).default([]),
  definitionsFrom: z.looseObject({ waits: z.string().nullable().optional() }).optional(),
  processes: z.array(runningProcess).optional(),
  stuck: stuckSchema.optional(),
  runs: z.record(z.string(), z.number().nullable()).optional(),
});
type Status = z.output<typeof statusSchema>;

/** What `kait status` prints, and whether somebody should look. */
export interface ShownStatus {
  text: string;
  healthy: boolean;
}

/** `kait status`: how healthy it is, what is stuck and where everything is. With `json`, as the API answers it. */
export async function showStatus(
  api: ApiClient,
  { json = false, now = () => new Date() }: { json?: boolean; now?: () => Date } = {},
): Promise<ShownStatus> {
  const answer = await answerOf(api.GET('/status'));
  const status = statusSchema.parse(answer);
  const problems = problemsOf(status, now());
  if (json) return { text: JSON.stringify(answer, null, 2), healthy: problems.length === 0 };
  const verdict = problems.length === 0 ? pc.green('Healthy: nothing needs a person.') : pc.red('Needs a person:');
  const text = [
    verdict,
    ...problems.map((problem) => `  ${problem}`),
    '',
    ...numbersOf(status, now()),
    '',
    ...placesOf(status),
  ];
  return { text: text.join('\n'), healthy: problems.length === 0 };
}

const needsPerson: [kind: 'events' | 'deliveries', state: string, text: string, command: string][] = [
  ['events', 'failed', 'events failed', 'kait events --state failed'],
  ['events', 'unreadable', 'events are unreadable', 'kait events --state unreadable'],
  ['deliveries', 'refused', 'deliveries were refused', 'kait deliveries --state refused'],
  ['deliveries', 'exhausted', 'deliveries are exhausted', 'kait deliveries --state exhausted'],
];
/** An event waits for seconds. */
const longPendingMs = 5 * 60 * 1_000;

/** Whatever is worth getting up for, each with the command that shows more. */
function problemsOf(
  { faults, taskQueues, definitionsFrom, processes = [], temporal, stuck, runs = {} }: Status,
  now: Date,
) {
  const problems: string[] = [];
  if (faults.length > 0) problems.push(formatFaults(faults).split('\n').join('\n  '));
  if (typeof temporal?.problem === 'string') problems.push(printable(temporal.problem));
  for (const { name, serves } of taskQueues.filter(({ state }) => state === 'unserved')) {
    problems.push(
      `No worker serves the task queue ${printable(name)} (${printable(serves)}). What is due there waits.`,
    );
  }
  if (typeof definitionsFrom?.waits === 'string') problems.push(printable(definitionsFrom.waits));
  for (const { kind, name, notes } of processes.filter((each) => each.notes.length > 0)) {
    problems.push(`The ${kind} ${name} differs from what the published set was made for: ${notes.join(' ')}`);
  }
  if (stuck === undefined) return problems;
  for (const [kind, state, text, command] of needsPerson) {
    const found = stuck[kind][state];
    if (found !== undefined && found.count > 0) problems.push(`${counted(found, now)} ${text}: ${command}`);
  }
  const { pending } = stuck.events;
  if (typeof pending?.oldest === 'string' && now.getTime() - Date.parse(pending.oldest) > longPendingMs) {
    problems.push(`${counted(pending, now)} events wait for Temporal: kait events --state pending`);
  }
  if ((runs.parked ?? 0) > 0)
    problems.push(`${runs.parked} runs are parked: kait temporal workflow list --query 'KaitState="parked"'`);
  for (const { source, last, longestPauseSeconds } of stuck.silent) {
    const since = shownDuration((now.getTime() - Date.parse(last)) / 1_000);
    const usual = shownDuration(longestPauseSeconds);
    problems.push(
      `Nothing genuine from ${printable(source)} for ${since}. Lately it was never quiet for more than ${usual}.`,
    );
  }
  for (const { source, reason, count } of stuck.rejected) {
    problems.push(
      `At least ${count} requests to ${printable(source)} rejected in the last hour (${printable(reason)}): kait rejections`,
    );
  }
  return problems;
}

function counted({ count, oldest }: z.output<typeof pile>, now: Date): string {
  return oldest === null ? String(count) : `${count} (the oldest for ${age(oldest, now)})`;
}

function age(instant: string, now: Date): string {
  return shownDuration((now.getTime() - Date.parse(instant)) / 1_000);
}

function numbersOf({ stuck, runs = {} }: Status, now: Date): string[] {
  const known = Object.entries(runs).map(([state, count]) => `${count ?? '?'} ${state}`);
  const piles = (found: Record<string, z.output<typeof pile>>) =>
    Object.entries(found).map(([state, { count, oldest }]) => {
      return `${count} ${state}${oldest === null ? '' : ` (oldest ${age(oldest, now)})`}`;
    });
  return [
    ...(stuck === undefined ? [] : [`events      ${piles(stuck.events).join(', ')}`]),
    ...(known.length === 0 ? [] : [`runs        ${known.join(', ')} (failed: in the last 7 days)`]),
    ...(stuck === undefined ? [] : [`approvals   ${piles({ open: stuck.approvals }).join('')}`]),
    ...(stuck === undefined ? [] : [`deliveries  ${piles(stuck.deliveries).join(', ')}`]),
  ];
}

function placesOf({
  version,
  installation,
  receiver,
  adminUrl,
  database,
  databaseAddress,
  temporal,
}: Status): string[] {
  const { address, namespace, ui } = temporal ?? {};
  const places: [string, string | null | undefined][] = [
    ['Kait', [version, installation].filter((part) => part !== undefined).join(', installation ')],
    ['receiver', receiver],
    ['API', adminUrl],
    ['database', [database, databaseAddress].filter((part) => typeof part === 'string').join(' at ')],
    ['Temporal', [address, namespace].filter((part) => typeof part === 'string').join(', namespace ')],
    ['Web UI', ui],
  ];
  return places.flatMap(([name, place]) =>
    typeof place !== 'string' || place === '' ? [] : [`${name.padEnd(10)}  ${printable(place)}`],
  );
}
