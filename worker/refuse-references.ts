import type { Worker } from '@temporalio/worker';

/** The part of the SDK's worker that decodes a run's task. It is protected, and nothing else comes before the decoding. */
interface Activating {
  handleActivation(run: unknown, task: { activation: object }): Promise<unknown>;
}

/**
 * Lets no task refer to a value that is stored elsewhere, as the SDK's external storage writes it. Kait does not use it, and the SDK fails a
 * task with such a reference before any code of the run's sees it. So one signal from anybody who reaches Temporal would block
 * the run for ever. What was referred to cannot be read then, as any other value that is no JSON: see `workflows/payload-converter.ts`.
 */
export function refuseReferences<Some extends Worker>(worker: Some): Some {
  const activating = worker as unknown as Activating; // TypeScript hides protected methods.
  const handle = activating.handleActivation.bind(worker);
  activating.handleActivation = async (run, task) => {
    refuseIn(task.activation);
    return handle(run, task);
  };
  return worker;
}

const text = new TextDecoder();
const referenceType = 'temporal.api.sdk.v1.ExternalStorageReference';
const unreadable = { encoding: new TextEncoder().encode('kait/refused') };

/** Walks a message of the SDK's, which is a tree. Payloads are wherever somebody may put a value, and maps may have any keys. */
function refuseIn(message: object): void {
  if (isReference(message)) Object.assign(message, { metadata: unreadable, data: new Uint8Array() });
  for (const member of Object.values(message) as unknown[]) {
    if (typeof member === 'object' && member !== null && !ArrayBuffer.isView(member)) refuseIn(member);
  }
}

function isReference(message: { metadata?: Record<string, unknown> | null }): boolean {
  const type = message.metadata?.messageType;
  return type instanceof Uint8Array && text.decode(type) === referenceType;
}
