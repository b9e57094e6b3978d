import pc from 'picocolors';
import { printable } from '../../language/printable.ts';
import { formatFaults } from '../../server/faults.ts';
import { answerOf, type ApiClient } from '../api-client.ts';
import type { components } from '../api-types.ts';
import { shownDuration } from '../shown-time.ts';

type Status = components['schemas']['Status'];
type Pile = components['schemas']['Pile'];

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
  const status = await answerOf(api.GET('/status'));
  const problems = problemsOf(status, now());
  if (json) return { text: JSON.stringify(status, null, 2), healthy: problems.length === 0 };
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

const needsPerson: [pile: (status: Status) => Pile | null, text: string, command: string][] = [
  [({ stuck }) => stuck.events.failed, 'events failed', 'kait events --state failed'],
  [({ stuck }) => stuck.events.unreadable, 'events are unreadable', 'kait events --state unreadable'],
  [({ stuck }) => stuck.deliveries.refused, 'deliveries were refused', 'kait deliveries --state refused'],
  [({ stuck }) => stuck.deliveries.exhausted, 'deliveries are exhausted', 'kait deliveries --state exhausted'],
  [({ runs }) => runs.parked, 'runs are parked', 'kait runs --state parked'],
];
/** An event waits for seconds. */
const longPendingMs = 5 * 60 * 1_000;
/** A pause that somebody has forgotten, or a receiver that has been down for a day. */
const longParkedMs = 24 * 60 * 60 * 1_000;

/** Whatever is worth getting up for, each with the command that shows more. A run may fail on purpose, so that is none of it. */
function problemsOf(status: Status, now: Date) {
  const { faults, taskQueues, definitionsFrom, processes, temporal, stuck } = status;
  const problems: string[] = [];
  if (faults.length > 0) problems.push(formatFaults(faults).split('\n').join('\n  '));
  if (temporal.problem !== null) problems.push(printable(temporal.problem));
  for (const { name, serves } of taskQueues.filter(({ state }) => state === 'unserved')) {
    problems.push(
      `No worker serves the task queue ${printable(name)} (${printable(serves)}). What is due there waits.`,
    );
  }
  if (definitionsFrom.waits !== null) problems.push(printable(definitionsFrom.waits));
  for (const { kind, name, notes } of processes.filter((each) => each.notes.length > 0)) {
    problems.push(`The ${kind} ${name} differs from what the published set was made for: ${notes.join(' ')}`);
  }
  for (const [pileOf, text, command] of needsPerson) {
    const found = pileOf(status);
    if (found !== null && found.count > 0) problems.push(`${counted(found, now)} ${text}: ${command}`);
  }
  const { pending } = stuck.events;
  if (isOlder(pending, longPendingMs, now)) {
    problems.push(`${counted(pending, now)} events wait for Temporal: kait events --state pending`);
  }
  const { parked } = stuck.deliveries;
  if (isOlder(parked, longParkedMs, now)) {
    problems.push(`${counted(parked, now)} deliveries are parked: kait deliveries --state parked`);
  }
  // Tenants are told of their own.
  for (const { id, url, condition, reason, since } of stuck.endpoints.filter(({ tenant }) => tenant === null)) {
    const why = reason === null ? '' : ` (${printable(reason)})`;
    const forHow = since === null ? '' : ` for ${age(since, now)}`;
    problems.push(`The endpoint ${printable(url)} ${troubles[condition]}${why}${forHow}: kait endpoints show ${id}`);
  }
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

const troubles: Record<Status['stuck']['endpoints'][number]['condition'], string> = {
  disabled: 'is disabled',
  open: 'fails, so that nothing is sent to it for now',
  failing: 'fails',
};

function isOlder({ oldest }: Pile, ms: number, now: Date): boolean {
  return oldest !== null && now.getTime() - Date.parse(oldest) > ms;
}

function counted({ count, oldest }: Pile, now: Date): string {
  return oldest === null ? String(count) : `${count} (the oldest for ${age(oldest, now)})`;
}

function age(instant: string, now: Date): string {
  return shownDuration((now.getTime() - Date.parse(instant)) / 1_000);
}

function numbersOf({ stuck, runs }: Status, now: Date): string[] {
  const shown = (piles: Record<string, Pile | null>) =>
    Object.entries(piles)
      .map(([state, pile]) => `${pile?.count ?? '?'} ${state}${oldest(pile, now)}`)
      .join(', ');
  return [
    `events      ${shown(stuck.events)}`,
    `runs        ${shown(runs)}`,
    ...((runs.failed?.count ?? 0) > 0
      ? ['            failed: in the last 7 days, and not retried since: kait runs --failed']
      : []),
    `approvals   ${shown({ open: stuck.approvals })}`,
    `deliveries  ${shown(stuck.deliveries)}`,
  ];
}

function oldest(pile: Pile | null, now: Date): string {
  const since = pile?.oldest ?? null;
  return since === null ? '' : ` (oldest ${age(since, now)})`;
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
  const { address, namespace, ui } = temporal;
  const places: [string, string | null][] = [
    ['Kait', `${version}, installation ${installation}`],
    ['receiver', receiver],
    ['API', adminUrl],
    ['database', [database, databaseAddress].filter((part) => part !== null).join(' at ')],
    ['Temporal', `${address ?? 'not known yet'}, namespace ${namespace}`],
    ['Web UI', ui],
  ];
  return places.flatMap(([name, place]) => (place === null ? [] : [`${name.padEnd(10)}  ${printable(place)}`]));
}
