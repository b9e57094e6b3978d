import type { WorkflowClient } from '@temporalio/client';
import { errorText } from '../../describe-error.ts';
import type { Database } from '../../storage/database.ts';
import { audit } from '../../storage/schema.ts';
import { withDeadline } from '../../storage/with-deadline.ts';
import { type CommandOutcome, goneOutcome } from './command-run.ts';
import { isGone } from './is-gone.ts';

/** `cancel`: the run undoes what it did, as its definition says. `terminate`: nothing is undone. */
export type EndVerb = 'cancel' | 'terminate';

const deadlineMs = 10_000;

/** Ends a run under way by Temporal's own operations, and writes that into the audit before. A run that has ended is left alone. */
export async function endRun(
  { database, workflows }: { database: Database; workflows: () => Pick<WorkflowClient, 'getHandle'> },
  workflowId: string,
  verb: EndVerb,
  { by, reason, via }: { by: string; reason: string; via: 'api' | 'cli' },
): Promise<CommandOutcome> {
  try {
    const handle = workflows().getHandle(workflowId);
    const { status } = await withDeadline(handle.describe(), deadlineMs, 'Temporal');
    if (status.name !== 'RUNNING' && status.name !== 'PAUSED') return goneOutcome;
    await database.orm.insert(audit).values({ actor: by, action: verb, target: workflowId, reason, via });
    const ended = verb === 'cancel' ? handle.cancel() : handle.terminate(`${by}: ${reason}`);
    await withDeadline(ended, deadlineMs, 'Temporal');
    return { kind: 'done' };
  } catch (error) {
    return isGone(error) ? goneOutcome : { kind: 'unavailable', reason: errorText(error) };
  }
}
