import { and, desc, eq, sql } from 'drizzle-orm';
import type { Database } from '../../storage/database.ts';
import { replays } from '../../storage/schema.ts';
import type { PageRequest } from '../api/cursors.ts';
import type { LookAtRun } from '../runs/look-at-run.ts';
import { someAtATime } from '../runs/some-at-a-time.ts';
import { replayRunId } from './replay-run.ts';

export interface LookAtReplaysDeps {
  database: Pick<Database, 'orm'>;
  /** Its id. */
  installation: string;
  lookAtRun: LookAtRun;
}

const looksAtOnce = 10;

/** `running`: Temporal has it, and works on it or could not be asked. */
export type ReplayLook = 'pending' | 'running' | 'paused' | 'parked' | 'completed' | 'canceled' | 'failed' | 'refused';

/** The newest first. */
export async function listReplays(
  deps: LookAtReplaysDeps,
  { after = null, limit, tenant }: PageRequest & { tenant: string | null },
) {
  const place = sql`(${replays.requestedAt}, ${replays.id})`;
  const rows = await deps.database.orm
    .select()
    .from(replays)
    .where(
      and(
        tenant === null ? undefined : eq(replays.tenant, tenant),
        after === null ? undefined : sql`${place} < (${String(after[0])}::timestamptz, ${String(after[1])})`,
      ),
    )
    .orderBy(desc(replays.requestedAt), desc(replays.id))
    .limit(limit);
  return someAtATime(rows, looksAtOnce, async (row) => ({
    ...(await shown(deps, row, tenant)),
    place: [row.requestedAt.toISOString(), row.id],
  }));
}

/** Undefined: there is none, or it is another tenant's. */
export async function findReplay(deps: LookAtReplaysDeps, id: string, tenant: string | null) {
  const isIt = eq(replays.id, id);
  const [row] = await deps.database.orm
    .select()
    .from(replays)
    .where(tenant === null ? isIt : and(isIt, eq(replays.tenant, tenant)));
  return row === undefined ? undefined : shown(deps, row, tenant);
}

async function shown(
  { installation, lookAtRun }: LookAtReplaysDeps,
  row: typeof replays.$inferSelect,
  tenant: string | null,
) {
  const { id, what, total, done, sent, requestedBy, reason, requestedAt, endedAt, lastError } = row;
  const run = replayRunId(installation, id);
  const look = row.state === 'started' ? await lookAtRun(run) : null;
  return {
    ...{ id, tenant: row.tenant, state: look === null ? stateOf(row.state) : lookOf(look.state), what },
    ...{ total, done, sent, requestedBy, reason, requestedAt, endedAt, lastError: lastError ?? look?.why ?? null },
    run: tenant === null ? run : null,
  };
}

function stateOf(state: (typeof replays.$inferSelect)['state']): ReplayLook {
  return state === 'started' ? 'running' : state;
}

/** Of a replay that has not ended by its row. */
function lookOf(state: string): ReplayLook {
  if (state === 'paused' || state === 'parked') return state;
  if (state === 'canceled' || state === 'terminated') return 'canceled';
  return state === 'failed' ? 'failed' : 'running';
}
