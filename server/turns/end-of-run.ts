import { type WorkflowClient, type WorkflowExecutionStatusName, WorkflowNotFoundError } from '@temporalio/client';
import type { RunEnd } from './keep-turns.ts';

const ends: Partial<Record<WorkflowExecutionStatusName, RunEnd>> = {
  COMPLETED: 'completed',
  FAILED: 'failed',
  TIMED_OUT: 'failed',
  CANCELLED: 'canceled',
  TERMINATED: 'canceled',
};

/** Asks Temporal how the latest run of a workflow id has ended. Rejects if it does not answer. */
export async function endOfRun(client: WorkflowClient, workflowId: string): Promise<RunEnd> {
  try {
    const { status } = await client.getHandle(workflowId).describe();
    // Whatever is missing runs. Among others it may have continued as new, and Temporal not know of the next run yet.
    return ends[status.name] ?? 'running';
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return 'gone';
    throw error;
  }
}
