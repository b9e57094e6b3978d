import { withDeadline } from '../storage/with-deadline.ts';
import { standingAttribute } from '../language/run-standing.ts';

/** As much of Temporal's client as is used. */
interface CountsRuns {
  count(query: string): Promise<{ count: number }>;
}

export interface StuckRuns {
  /** Runs under way. Null: Temporal did not say, or has no such attribute. */
  running: number | null;
  waiting: number | null;
  approval: number | null;
  parked: number | null;
  paused: number | null;
  undoing: number | null;
  /** Runs that have failed in the last seven days, those included that were retried since. */
  failed: number | null;
}

/** While nobody knows. */
export const unknownRuns: StuckRuns = {
  ...{ running: null, waiting: null, approval: null, parked: null, paused: null, undoing: null, failed: null },
};

const askMs = 3_000;
const failedDays = 7;
const dayMs = 24 * 60 * 60 * 1_000;

/** Counts the installation's runs by how they stand, child runs included. Never rejects. */
export async function countStuckRuns(deps: {
  workflows: CountsRuns;
  /** The installation's id. */
  installation: string;
  /** Whether the namespace has the attribute for it. */
  showsState: boolean;
  now: () => Date;
}): Promise<StuckRuns> {
  const { workflows, installation, showsState, now } = deps;
  const own = `WorkflowId STARTS_WITH "${installation}/"`;
  const since = new Date(now().getTime() - failedDays * dayMs).toISOString();
  const count = async (query: string): Promise<number | null> => {
    try {
      return (await withDeadline(workflows.count(`${own} AND ${query}`), askMs, 'Temporal')).count;
    } catch {
      return null; // Unreachable, too slow, or without the right to ask.
    }
  };
  const standing = (state: string) =>
    showsState ? count(`ExecutionStatus="Running" AND ${standingAttribute}="${state}"`) : Promise.resolve(null);
  const [running, waiting, approval, parked, paused, undoing, failed] = await Promise.all([
    count('ExecutionStatus="Running"'),
    ...['waiting', 'approval', 'parked', 'paused', 'undoing'].map(standing),
    count(`ExecutionStatus IN ("Failed", "TimedOut") AND CloseTime > "${since}"`),
  ]);
  return {
    ...{ running: running ?? null, waiting: waiting ?? null, approval: approval ?? null, parked: parked ?? null },
    ...{ paused: paused ?? null, undoing: undoing ?? null, failed: failed ?? null },
  };
}
