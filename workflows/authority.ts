import type { Authority, RunInput } from '../language/definition.ts';
import { canonicalJson, type Json } from '../language/json.ts';
import { sha256Hex } from '../language/sha256.ts';

/**
 * What a run shows to its activities, so that they can tell whether Kait started it. Computed from the input that the run really got,
 * because anyone who reaches Temporal can start a workflow with an input of their own, and what that input says of itself counts
 * for nothing. Only a child run, which Temporal knows as one, takes its parent's word for the run that it descends from.
 */
export function authorityOf(
  input: RunInput,
  { workflowId, isChild }: { workflowId: string; isChild: boolean },
): Authority {
  if (isChild && input.root !== undefined) {
    return { ...input.root, definition: sha256Hex(canonicalJson(input.definition as unknown as Json)) }; // JSON by construction.
  }
  const { seal, ...rest } = input;
  return { workflowId, input: sha256Hex(JSON.stringify(rest)), seal: seal ?? '' };
}
