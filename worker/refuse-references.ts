import type { Worker } from '@temporalio/worker';
import { storedKey } from '../storage/claim-check.ts';

/** The part of the SDK's worker that decodes a run's task. It is protected, and nothing else comes before the decoding. */
interface Activating {
  handleActivation(run: unknown, task: { activation: Activation }): Promise<unknown>;
}

interface Activation {
  jobs?: { initializeWorkflow?: { arguments?: object } | null; resolveChildWorkflowExecution?: object | null }[] | null;
}

/**
 * Lets nobody refer to values that are stored elsewhere, but Kait itself in a run's input and in a child's result
 * (`storage/claim-check.ts`). Without this, one signal from anybody who reaches Temporal would block a run forever: the SDK fails a task
 * with a reference to its external storage before any code of the run's sees it. And a flood of copied references would fill the
 * memory. A refused one counts as a value that is no JSON: see `workflows/payload-converter.ts`.
 */
export function refuseReferences<Some extends Worker>(worker: Some): Some {
  const activating = worker as unknown as Activating; // TypeScript hides protected methods.
  const handle = activating.handleActivation.bind(worker);
  activating.handleActivation = async (run, task) => {
    for (const { initializeWorkflow, resolveChildWorkflowExecution, ...others } of task.activation.jobs ?? []) {
      refuseIn(others, false);
      const { arguments: input, ...start } = initializeWorkflow ?? {};
      refuseIn(start, false);
      refuseIn([input, resolveChildWorkflowExecution], true);
    }
    return handle(run, task);
  };
  return worker;
}

const text = new TextDecoder();
const externalType = 'temporal.api.sdk.v1.ExternalStorageReference';
const unreadable = { encoding: new TextEncoder().encode('kait/refused') };

/**
 * Walks a message of the SDK's, which is a tree. Payloads are wherever somebody may put a value, and maps may have any keys.
 * `mayClaim`: whether Kait's own references stay.
 */
function refuseIn(message: object, mayClaim: boolean): void {
  if (isReference(message, mayClaim)) Object.assign(message, { metadata: unreadable, data: new Uint8Array() });
  for (const member of Object.values(message) as unknown[]) {
    if (typeof member === 'object' && member !== null && !ArrayBuffer.isView(member)) refuseIn(member, mayClaim);
  }
}

function isReference(message: { metadata?: Record<string, unknown> | null }, mayClaim: boolean): boolean {
  const metadata = message.metadata ?? {};
  const type = metadata.messageType;
  return (type instanceof Uint8Array && text.decode(type) === externalType) || (!mayClaim && storedKey in metadata);
}
