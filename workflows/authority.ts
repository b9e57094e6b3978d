import type { WorkflowInfo } from '@temporalio/workflow';
import type { Authority, RunInput } from '../language/definition.ts';
import { canonicalJson, type Json } from '../language/json.ts';
import { sha256Hex } from '../language/sha256.ts';

/** What Temporal itself says of a run. Whoever starts it chooses its id and its input, and cannot choose its parent. */
type Place = Pick<WorkflowInfo, 'workflowId' | 'namespace' | 'parent' | 'root'>;

/**
 * What a run shows to its activities, so that they can tell whether Kait started it. Computed from the input that the run really got,
 * because anyone who reaches Temporal can start a workflow with an input of their own, and what that input says of itself counts
 * for nothing. Only a child run, which Temporal knows as one, takes its parent's word for the run that it descends from.
 */
export function authorityOf(input: RunInput, place: Place): Authority {
  if (input.root !== undefined && descendsFrom(input.root.workflowId, place)) {
    return { ...input.root, definition: sha256Hex(canonicalJson(input.definition as unknown as Json)) }; // JSON by construction.
  }
  const { seal, ...rest } = input;
  return { workflowId: place.workflowId, input: sha256Hex(JSON.stringify(rest)), seal: seal ?? '' };
}

/** A parent of somebody else's may start a child with any id and any word. Kait's own have ids that begin with their parent's. */
function descendsFrom(ancestor: string, { workflowId, namespace, parent, root }: Place): boolean {
  if (parent?.namespace !== namespace) return false;
  if (root !== undefined && root.workflowId !== ancestor) return false;
  const isInFamily = `${parent.workflowId}/`.startsWith(`${ancestor}/`);
  return isInFamily && workflowId.startsWith(`${parent.workflowId}/`);
}

/**
 * Whether a run goes on from where Temporal says that another left off. Who starts one with a cron schedule or a retry policy gives every
 * later run the same arguments, a state of their own included. Kait uses neither.
 */
export function isContinued(
  info: Pick<WorkflowInfo, 'continuedFromExecutionRunId' | 'cronSchedule' | 'retryPolicy'>,
): boolean {
  const { continuedFromExecutionRunId, cronSchedule, retryPolicy } = info;
  return continuedFromExecutionRunId !== undefined && cronSchedule === undefined && retryPolicy === undefined;
}
