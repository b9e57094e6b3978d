import { KaitError } from '../../../errors.ts';
import { printable } from '../../../language/printable.ts';
import { answerOf, type ApiClient } from '../../api-client.ts';
import type { components } from '../../api-types.ts';
import { whoAmI } from '../../who-am-i.ts';
import { answersOfPages } from './answers-of-pages.ts';
import { differenceLines } from './difference-lines.ts';

export interface MigrateOptions {
  definition?: string;
  /** RFC 3339. */
  since?: string;
  limit: number;
  dryRun?: boolean;
  reason?: string;
}

type Migrated = components['schemas']['MigratedRun'];

/** `kait runs migrate`: has runs under way take their definition as it is served now. */
export async function migrateRuns(api: ApiClient, runs: string[], options: MigrateOptions): Promise<string> {
  const { definition, since, limit, dryRun = false, reason } = options;
  if ((definition === undefined) === (runs.length === 0)) {
    throw new KaitError(
      'KAIT_USAGE',
      'Name runs, or use --definition <name> for all its runs under way. See "kait runs migrate --help".',
    );
  }
  if (since !== undefined && definition === undefined) {
    throw new KaitError('KAIT_USAGE', '--since works only with --definition.');
  }
  if (reason === undefined && !dryRun) {
    throw new KaitError('KAIT_USAGE', 'Say why with --reason <text>, for the audit. --dry-run needs none.');
  }
  const how = { reason: reason ?? 'dry run', by: whoAmI(), via: 'cli' as const, dryRun };
  const { items, isAll } =
    definition === undefined
      ? { items: await each(api, runs, how), isAll: true }
      : await answersOfPages(limit, (page) =>
          answerOf(
            api.POST('/migrations', { body: { ...how, definition, ...(since !== undefined && { since }), ...page } }),
          ),
        );
  const more = isAll ? [] : [`There may be more: --limit ${limit} was reached.`];
  return [
    ...differences(items),
    ...items.flatMap((item) => lineOf(item, definition !== undefined)),
    ...counts(items, dryRun),
    ...more,
  ].join('\n');
}

interface How {
  reason: string;
  by: string;
  via: 'cli';
  dryRun: boolean;
}

async function each(api: ApiClient, runs: string[], body: How): Promise<Migrated[]> {
  const items: Migrated[] = [];
  for (const run of runs) {
    items.push(await answerOf(api.POST('/runs/{run}/migrate', { params: { path: { run } }, body })));
  }
  return items;
}

/** Once for each version that the runs have. */
function differences(items: Migrated[]): string[] {
  const lines = items.flatMap(({ refused, definitions }) =>
    refused === null && definitions !== null ? [differenceLines(definitions).join('\n')] : [],
  );
  return [...new Set(lines)];
}

const whyNot: Record<string, string> = {
  unknown: 'Kait has started no such run',
  'being-retried': 'its retry is about to start',
  ended: 'it has ended',
  same: 'it has this definition already',
  definition: 'the definition does not fit',
  'at-work': 'it neither waits nor is it paused or parked',
  'not-possible': 'it takes no other definition',
  'not-genuine': 'Kait did not start it',
  'too-large': 'it is too large',
  'no-answer': 'no worker has answered for it',
  unavailable: 'nobody knows whether it took the definition',
};

/** Of many runs, those are not named that have the definition. */
function lineOf({ run, refused, detail }: Migrated, isBulk: boolean): string[] {
  if (refused === null || (refused === 'same' && isBulk)) return isBulk ? [] : [printable(run)];
  const more = detail === null ? '' : `: ${printable(detail)}`;
  return [`${printable(run)}\n  left alone: ${whyNot[refused] ?? refused}${more}`];
}

function counts(items: Migrated[], dryRun: boolean): string[] {
  if (items.length === 0) return ['No run of it is under way.'];
  const taken = items.filter(({ refused }) => refused === null).length;
  const same = items.filter(({ refused }) => refused === 'same').length;
  const left = items.length - taken - same;
  const what = dryRun ? `${taken} would be migrated` : `${taken} ${taken === 1 ? 'is' : 'are'} migrated`;
  return [`${what}, ${same} ${same === 1 ? 'has' : 'have'} the definition already, ${left} left alone.`];
}
