import { WorkflowNotFoundError, type WorkflowClient } from '@temporalio/client';
import type { Logger } from 'pino';
import type { PayloadStore } from '../storage/payload-store.ts';

export interface PayloadRelease {
  start(): void;
  /** Resolves when the round under way has ended. */
  stop(): Promise<void>;
  /** Runs one round; `start` repeats it. */
  releaseOnce(): Promise<void>;
}

export interface PayloadReleaseDeps {
  payloads: Pick<PayloadStore, 'due' | 'keep' | 'release'>;
  client: Pick<WorkflowClient, 'getHandle'>;
  namespace: string;
  log: Pick<Logger, 'info' | 'warn'>;
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
  const { payloads, namespace, log } = deps;
  let timer: NodeJS.Timeout | undefined;
  let round = Promise.resolve();
  let running = false;

  async function releaseOnce(): Promise<void> {
    let released = 0;
    let due: string[];
    do {
      due = await payloads.due(namespace, batch);
      for (const workflowId of due) {
        const owner = { namespace, workflowId };
        if (await isKnown(workflowId, deps)) await payloads.keep(owner);
        else released += await payloads.release(owner);
      }
    } while (due.length === batch);
    if (released > 0) log.info({ values: released }, 'deleted large values of runs that Temporal has forgotten');
  }

  async function releaseAndRepeat(): Promise<void> {
    try {
      await releaseOnce();
    } catch (error) {
      log.warn({ err: error }, 'deleting the large values of forgotten runs failed, will retry');
    }
    if (running) schedule();
  }

  function schedule(): void {
    timer = setTimeout(() => {
      round = releaseAndRepeat();
    }, deps.intervalMs);
  }

  return {
    releaseOnce,
    start() {
      running = true;
      schedule();
    },
    async stop() {
      running = false;
      clearTimeout(timer);
      await round;
    },
  };
}

/**
 * Ends a run whose value is gone, since its tasks would fail for ever. If it has ended, the value was its result, so the run that waits for
 * it ends instead. Nobody can undo what it did: without its input, its definition is not known either.
 */
export async function endLostRun(
  { client }: Pick<PayloadReleaseDeps, 'client'>,
  workflowId: string,
  reason: string,
): Promise<void> {
  for (const id of lineOf(workflowId)) {
    try {
      await client.getHandle(id).terminate(reason);
      return;
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
    }
  }
}

async function isKnown(workflowId: string, { client }: PayloadReleaseDeps): Promise<boolean> {
  for (const id of lineOf(workflowId)) {
    try {
      await client.getHandle(id).describe();
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
