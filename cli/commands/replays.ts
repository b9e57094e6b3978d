import { setTimeout as pause } from 'node:timers/promises';
import { KaitError } from '../../errors.ts';
import { printable } from '../../language/printable.ts';
import { answerOf, type ApiClient } from '../api-client.ts';
import type { components } from '../api-types.ts';
import { nextPage, type ListOptions } from '../next-page.ts';
import { shownTime, type TimeOptions } from '../shown-time.ts';
import { table } from '../terminal.ts';
import { whoAmI } from '../who-am-i.ts';

type Replay = components['schemas']['Replay'];
type EndedState = Replay['states'][number];

/** Which webhooks to send again. */
export interface ReplayOptions {
  state?: EndedState[];
  missing?: boolean;
  endpoint?: string;
  type?: string;
  since?: string;
  until?: string;
  reason?: string;
  dryRun?: boolean;
  /** Waits until the replay has ended. */
  wait?: boolean;
}

/** `kait deliveries replay`: has many webhooks sent again. */
export async function startReplay(
  api: ApiClient,
  options: ReplayOptions,
  report: (line: string) => void,
): Promise<string> {
  const { dryRun = false, missing = false, wait = false, endpoint, type, since, until, state } = options;
  if (missing && endpoint === undefined) throw usage('--missing needs --endpoint <id>: the endpoint that missed them.');
  if (missing && state !== undefined)
    throw usage('--state does not go with --missing: what is missing has no delivery.');
  if (endpoint === undefined && since === undefined) {
    throw usage('Say which with --since <time> or --endpoint <id>. --dry-run shows how many there are.');
  }
  if (options.reason === undefined && !dryRun) {
    throw usage('Say why with --reason <text>, for the audit. --dry-run needs none.');
  }
  const body = {
    ...{ missing, dryRun, by: whoAmI(), reason: options.reason ?? 'dry run' },
    ...(endpoint !== undefined && { endpoint }),
    ...(type !== undefined && { type }),
    ...(since !== undefined && { since }),
    ...(until !== undefined && { until }),
    ...(state !== undefined && { states: state }),
  };
  const { id, total, groups, run } = await answerOf(api.POST('/replays', { body }));
  if (total === 0) return 'No webhook matches. Nothing is sent again.';
  const rows = table(
    ['webhooks', 'type', 'endpoint'],
    groups.map(({ count, type, endpoint }) => [count, type, endpoint]),
  );
  const shown = groups.reduce((sum, { count }) => sum + count, 0);
  const more = shown < total ? `\n… and ${total - shown} more.` : '';
  const filtered = missing ? ', less what its filter leaves out' : '';
  if (id === null) return `${rows}${more}\n${total} would be sent again${filtered}. Without --dry-run, they are.`;
  const follow = [
    `  progress  kait deliveries replays show ${id}`,
    `  stop      kait deliveries replays pause|resume|cancel ${id} --reason <text>`,
    ...(run === null ? [] : [`  run       ${run}`]),
  ];
  const begun = `${rows}${more}\n${total} are sent again${filtered}, the oldest first. Replay ${id}\n${follow.join('\n')}`;
  if (!wait) return begun;
  report(begun);
  return describe(await untilEnded(api, id, report), {});
}

const lookEveryMs = 2_000;

async function untilEnded(api: ApiClient, id: string, report: (line: string) => void): Promise<Replay> {
  for (let last = ''; ;) {
    const found = await answerOf(api.GET('/replays/{replay}', { params: { path: { replay: id } } }));
    const line = progressOf(found);
    if (line !== last) report(line);
    last = line;
    if (found.endedAt !== null || found.state === 'failed' || found.state === 'canceled') return found;
    await pause(lookEveryMs);
  }
}

/** `kait deliveries replays`: the newest. */
export async function showReplays(api: ApiClient, { utc, json, ...query }: ListOptions): Promise<string> {
  const { items, next } = await answerOf(api.GET('/replays', { params: { query } }));
  if (json === true) return JSON.stringify({ items, next }, null, 2);
  if (items.length === 0) return 'Nothing was replayed yet. "kait deliveries replay --help" says how to.';
  const rows = table(
    ['asked for', 'state', 'progress', 'sent', 'which', 'by', 'reason', 'replay'],
    items.map((row) => [
      shownTime(row.requestedAt, { utc }),
      row.state,
      `${row.done} of ${row.total}`,
      row.sent,
      whichOf(row),
      row.requestedBy,
      row.reason,
      row.id,
    ]),
  );
  return rows + nextPage(next);
}

/** `kait deliveries replays show`. */
export async function showReplay(
  api: ApiClient,
  id: string,
  { json, ...options }: TimeOptions & { json?: boolean },
): Promise<string> {
  const found = await answerOf(api.GET('/replays/{replay}', { params: { path: { replay: id } } }));
  return json === true ? JSON.stringify(found, null, 2) : describe(found, options);
}

/** `kait deliveries replays pause`, `resume` and `cancel`. */
export async function steerReplay(
  api: ApiClient,
  id: string,
  verb: 'pause' | 'resume' | 'cancel',
  { reason }: { reason: string },
): Promise<string> {
  const asked = { params: { path: { replay: id } }, body: { reason, by: whoAmI(), via: 'cli' as const } };
  const answers = {
    pause: () => answerOf(api.POST('/replays/{replay}/pause', asked)),
    resume: () => answerOf(api.POST('/replays/{replay}/resume', asked)),
    cancel: () => answerOf(api.POST('/replays/{replay}/cancel', asked)),
  };
  const { done, total } = await answers[verb]();
  const what = { pause: 'is paused', resume: 'goes on', cancel: 'is canceled. Webhooks already resent stay sent' }[
    verb
  ];
  return `${printable(id)} ${what}. ${done} of ${total} are done.`;
}

function describe(row: Replay, options: TimeOptions): string {
  const time = (instant: string | null) => (instant === null ? '-' : shownTime(instant, options));
  const lines: [string, string | null][] = [
    ['state', row.state],
    ['progress', progressOf(row)],
    ['which', whichOf(row)],
    ['tenant', row.tenant],
    ['asked for', `${time(row.requestedAt)} by ${row.requestedBy}: ${row.reason}`],
    ['ended', time(row.endedAt)],
    ['problem', row.lastError],
    ['run', row.run],
  ];
  return [
    printable(row.id),
    ...lines.flatMap(([label, value]) => (value === null ? [] : [`  ${label.padEnd(10)}${printable(value)}`])),
  ].join('\n');
}

function progressOf({ done, total, sent }: Replay): string {
  const percent = total === 0 ? 100 : Math.min(100, Math.floor((done / total) * 100));
  return `${done} of ${total} (${percent} %), ${sent} sent again`;
}

function whichOf({ missing, states, endpoint, type, since, until }: Replay): string {
  return [
    missing ? 'missing' : states.join(' or '),
    ...(type === null ? [] : [type]),
    ...(endpoint === null ? [] : [`to ${endpoint}`]),
    ...(since === null ? [] : [`since ${since}`]),
    ...(until === null ? [] : [`until ${until}`]),
  ].join(', ');
}

function usage(text: string): KaitError {
  return new KaitError('KAIT_USAGE', text);
}
