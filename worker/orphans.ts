import { WorkflowNotFoundError, type WorkflowClient } from '@temporalio/client';
import type { Logger } from 'pino';
import { createRepetition, type Repetition } from '../repetition.ts';
import { createFairRounds, type Turn } from '../server/fair-rounds.ts';

export interface Orphans extends Repetition {
  /** Runs one round; `start` repeats it. */
  cancelOnce(): Promise<void>;
}

export interface OrphansDeps {
  client: Pick<WorkflowClient, 'list' | 'getHandle'>;
  /** The installation's id. */
  installation: string;
  clock: () => Date;
  log: Pick<Logger, 'warn'>;
  /** Pause between two rounds. */
  intervalMs: number;
}

/** How long after a run was ended a worker may start that has not seen it. */
const lookBackMs = 24 * 60 * 60 * 1_000;
/** Temporal's list of workflows may lag behind, so a run's children are looked for again until it has been over for so long. */
const settledAfterMs = 5 * 60 * 1_000;

/**
 * Cancels the child runs of runs that somebody terminated or that reached their time limit, if a step waited for them. Such a run can
 * do nothing any more, and Temporal's own policy for it would apply to a run that continues as new, too. Several processes
 * may do it at once, since a second cancellation changes nothing. A run whose children cannot be canceled holds up no other.
 */
export function createOrphans(deps: OrphansDeps): Orphans {
  let settled = new Set<string>();
  const rounds = createFairRounds();

  async function cancelOnce(): Promise<void> {
    const now = deps.clock().getTime();
    const seen = new Set<string>();
    async function* turns(): AsyncGenerator<Turn> {
      for await (const { workflowId, runId, closeTime } of deps.client.list({
        query: endedSince(now - lookBackMs, deps),
      })) {
        const act = async () => {
          if (!settled.has(runId)) await cancelChildrenOf(workflowId, deps);
          if (closeTime !== undefined && now - closeTime.getTime() > settledAfterMs) seen.add(runId);
        };
        yield { key: runId, act };
      }
    }
    const failures = await rounds.run(turns());
    settled = seen;
    const [cause] = failures.values();
    if (failures.size > 0) throw new Error(`${failures.size} runs have children that were not canceled`, { cause });
  }

  const repetition = createRepetition({
    act: cancelOnce,
    intervalMs: deps.intervalMs,
    failed(error) {
      deps.log.warn({ err: error }, 'looking for child runs without a parent failed, will retry');
    },
  });
  return { ...repetition, cancelOnce };
}

function endedSince(sinceMs: number, { installation }: OrphansDeps): string {
  const since = new Date(sinceMs).toISOString();
  return `(ExecutionStatus = "Terminated" OR ExecutionStatus = "TimedOut") AND CloseTime > "${since}" AND WorkflowId STARTS_WITH ${quotable(`${installation}/`)}`;
}

async function cancelChildrenOf(workflowId: string, { client, log }: OrphansDeps): Promise<void> {
  const query = `ExecutionStatus = "Running" AND ParentWorkflowId STARTS_WITH ${quotable(workflowId)}`;
  for await (const child of client.list({ query })) {
    if (child.memo?.waitedForBy !== workflowId || (await isOpen(workflowId, client))) continue;
    log.warn({ workflowId: child.workflowId, parent: workflowId }, 'child run canceled, because its parent was ended');
    await client.getHandle(child.workflowId, child.runId).cancel().catch(unlessItEnded);
  }
}

/** After a reset, another run of the same workflow waits for the child. */
async function isOpen(workflowId: string, client: OrphansDeps['client']): Promise<boolean> {
  try {
    const { closeTime } = await client.getHandle(workflowId).describe();
    return closeTime === undefined;
  } catch (error) {
    unlessItEnded(error);
    return false;
  }
}

function unlessItEnded(error: unknown): void {
  if (!(error instanceof WorkflowNotFoundError)) throw error;
}

/**
 * Texts in Temporal's query language cannot hold quotes, which an event's id, and so a workflow's id, may hold. This is the part of a
 * text before them.
 */
function quotable(text: string): string {
  return `"${text.replace(/["'\\].*$/s, '')}"`;
}
