import { WorkflowNotFoundError, type WorkflowClient } from '@temporalio/client';
import type { Logger } from 'pino';
import { createRepetition, type Repetition } from '../repetition.ts';
import type { PayloadStore } from '../storage/payload-store.ts';

export interface PayloadRelease extends Repetition {
  /** Runs one round; `start` repeats it. */
  releaseOnce(): Promise<void>;
}

export interface PayloadReleaseDeps {
  payloads: Pick<PayloadStore, 'due' | 'keep' | 'release'>;
  client: Pick<WorkflowClient, 'getHandle'>;
  namespace: string;
  log: Pick<Logger, 'info' | 'warn'>;
  /** The runs that go on from these and use what is kept for them. Default: none do. */
  successors?: (workflowIds: string[]) => Promise<string[]>;
  /** What the log calls them. Default: large values. */
  what?: string;
  /** Pause between two rounds. */
  intervalMs: number;
}

/** Workflows of which a round asks Temporal before it looks for more. */
const batch = 100;

/**
 * Deletes large values that no history refers to any more. Temporal's retention decides: a workflow's values stay until Temporal has
 * forgotten it and every workflow that it descends from, since a parent's history refers to its child's result. Several processes may do it at once.
 */
export function createPayloadRelease(deps: PayloadReleaseDeps): PayloadRelease {
  const { payloads, namespace, log, what = 'large values' } = deps;
  async function releaseOnce(): Promise<void> {
    let released = 0;
    let due: string[];
    do {
      due = await payloads.due(namespace, batch);
      for (const workflowId of due) {
        const owner = { namespace, workflowId };
        if (await isNeeded(workflowId, deps)) await payloads.keep(owner);
        else released += await payloads.release(owner);
      }
    } while (due.length === batch);
    if (released > 0) log.info({ values: released }, `deleted ${what} of runs that Temporal has forgotten`);
  }

  const repetition = createRepetition({
    act: releaseOnce,
    intervalMs: deps.intervalMs,
    failed(error) {
      log.warn({ err: error }, `deleting the ${what} of forgotten runs failed, will retry`);
    },
  });
  return { ...repetition, releaseOnce };
}

/**
 * Ends a run whose value is gone, since its tasks would fail forever. If it has ended, the value was its result, so the run that waits for
 * it ends instead. Nobody can undo what it did: without its input, its definition is not known either.
 */
export async function endLostRun(
  { client }: Pick<PayloadReleaseDeps, 'client'>,
  workflowId: string,
  reason: string,
): Promise<void> {
  await askLine(workflowId, (id) => client.getHandle(id).terminate(reason));
}

async function isNeeded(
  workflowId: string,
  { client, successors }: Pick<PayloadReleaseDeps, 'client' | 'successors'>,
): Promise<boolean> {
  const ask = (id: string) => client.getHandle(id).describe();
  const line = lineOf(workflowId);
  if (await askEach(line, ask)) return true;
  return successors === undefined ? false : askEach(await successors(line), ask);
}

/** Asks Temporal for the workflow and for those above it, up to the first that it knows. Resolves to whether it knows one. */
function askLine(workflowId: string, ask: (id: string) => Promise<unknown>): Promise<boolean> {
  return askEach(lineOf(workflowId), ask);
}

async function askEach(ids: string[], ask: (id: string) => Promise<unknown>): Promise<boolean> {
  for (const id of ids) {
    try {
      await ask(id);
      return true;
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
    }
  }
  return false;
}

/** The workflow and those above it: a child run's id is `<parent's id>/<step>`, and an item's step has a slash itself. */
function lineOf(workflowId: string): string[] {
  const parts = workflowId.split('/');
  return parts.map((_part, index) => parts.slice(0, parts.length - index).join('/')).slice(0, -1);
}
