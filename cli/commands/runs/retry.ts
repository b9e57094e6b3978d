import { KaitError } from '../../../errors.ts';
import { printable } from '../../../language/printable.ts';
import { answerOf, type ApiClient } from '../../api-client.ts';
import type { components } from '../../api-types.ts';
import { whoAmI } from '../../who-am-i.ts';
import { answersOfPages } from './answers-of-pages.ts';
import { commandStep } from './command.ts';
import { differenceLines } from './difference-lines.ts';

export interface RetryOptions {
  failed?: boolean;
  /** At most one name, and `current`. */
  definition?: string[];
  /** RFC 3339. Default: a day ago. */
  since?: string;
  limit: number;
  dryRun?: boolean;
  undoFailed?: 'stands' | 'undone';
  /** All the steps at which the run is parked. */
  all?: boolean;
  reason?: string;
}

type Retried = components['schemas']['RetriedRun'];

/** Stands for the definition as it is served now. */
const current = 'current';
const dayMs = 24 * 60 * 60 * 1_000;

/** `kait runs retry`: has a run, or all that have failed, go on from where they stopped. */
export async function retryRuns(
  api: ApiClient,
  { run, step }: { run: string | undefined; step: string | undefined },
  options: RetryOptions,
  nowMs: number,
): Promise<string> {
  const { failed = false, dryRun = false, undoFailed, all = false, reason } = options;
  if (failed === (run !== undefined)) {
    throw new KaitError(
      'KAIT_USAGE',
      'Name a run, or use --failed for all that have failed. See "kait runs retry --help".',
    );
  }
  if (reason === undefined && !dryRun) {
    throw new KaitError('KAIT_USAGE', 'Say why with --reason <text>, for the audit. --dry-run needs none.');
  }
  if (all && (run === undefined || step !== undefined)) {
    throw new KaitError('KAIT_USAGE', '--all works only with a run, and without a step.');
  }
  if (run !== undefined && step !== undefined) {
    if (reason === undefined || dryRun) throw new KaitError('KAIT_USAGE', '--dry-run works only without a step.');
    return commandStep(api, 'retry', { run, step, reason });
  }
  const names = (options.definition ?? []).filter((each) => each !== current);
  const takesCurrent = options.definition?.includes(current) === true;
  if (names.length > 1) throw new KaitError('KAIT_USAGE', 'Name one definition, and "current" beside it if wanted.');
  const how = {
    reason: reason ?? 'dry run',
    by: whoAmI(),
    dryRun,
    current: takesCurrent,
    via: 'cli' as const,
    ...(undoFailed && { undoFailed }),
  };
  if (run === undefined) return retryFailed(api, { ...options, definition: names[0] }, how, nowMs);
  if (options.since !== undefined || names.length > 0) {
    throw new KaitError('KAIT_USAGE', '--since and --definition <name> work only with --failed.');
  }
  const answer = await answerOf(api.POST('/runs/{run}/retry', { params: { path: { run } }, body: { ...how, all } }));
  return describe(answer, dryRun).join('\n');
}

async function retryFailed(
  api: ApiClient,
  { definition, since, limit }: Pick<RetryOptions, 'since' | 'limit'> & { definition: string | undefined },
  how: { reason: string; by: string; via: 'cli'; dryRun: boolean; current: boolean; undoFailed?: 'stands' | 'undone' },
  nowMs: number,
): Promise<string> {
  const body = {
    ...how,
    since: since ?? new Date(nowMs - dayMs).toISOString(),
    ...(definition !== undefined && { definition }),
  };
  const { items, isAll } = await answersOfPages(limit, (page) =>
    answerOf(api.POST('/retries', { body: { ...body, ...page } })),
  );
  const retried = items.filter(({ refused }) => refused === null).length;
  const count = how.dryRun ? `${retried} would be retried` : `${retried} ${retried === 1 ? 'is' : 'are'} retried`;
  const summary = items.length === 0 ? 'No failed run is left to retry.' : `${count}, ${items.length - retried} not.`;
  const more = isAll ? [] : [`There may be more: --limit ${limit} was reached.`];
  return [...items.flatMap((each) => describe(each, how.dryRun)), summary, ...more].join('\n');
}

const whyNot: Record<string, string> = {
  unknown: 'Kait has started no such run',
  child:
    'it is a child run. If it is parked, name the step as well. If a run waits for it, retry that. The run above it',
  running: 'it has not ended',
  'which-step': 'it is parked at several steps; name one, or use --all',
  completed: 'it has completed',
  'being-retried': 'its retry is about to start',
  'ran-again': 'its event was run again since',
  gone: 'Temporal does not know it any more',
  'undo-failed': 'the undo of these steps failed; find out whether their effects stand, and add --undo-failed',
  'not-genuine': 'Kait did not start it',
  'too-large': 'its state is too large',
  'child-gone': 'Temporal does not know a run any more that it had started',
  'no-answer': 'no worker has answered for it',
  definition: 'the definition as it is served now does not fit',
};

function describe({ refused, detail, of, run, plan, steps, definitions }: Retried, dryRun: boolean): string[] {
  const name = printable(of);
  const more = detail === null ? '' : `: ${printable(detail)}`;
  if (refused !== null) return [`${name}\n  not retried: ${whyNot[refused] ?? refused}${more}`];
  const list = (label: string, keys: string[] = []) =>
    keys.length === 0 ? [] : [`  ${label}: ${printable(keys.slice(0, 20).join(', '))}${keys.length > 20 ? ', …' : ''}`];
  return [
    name,
    ...(dryRun || run === null ? [] : [`  goes on as ${printable(run)}`]),
    ...list('tries again', steps),
    ...list('from', plan?.from),
    ...list('of which may have had their effect', plan?.inDoubt),
    ...list('done again under new keys', plan?.again),
    ...list('stands', plan?.stands),
    ...(definitions === null ? [] : differenceLines(definitions)),
  ];
}
