import type { Installation } from '../installation.ts';
import { messageSeal, messageSealFits } from '../message-seal.ts';

/** An answer as the server sends it to a run, and as the worker gets it from there. */
export interface SealedDecision {
  workflowId: string;
  step: string;
  /** The update's. */
  id: string;
  by: string;
  approved: boolean;
  reason: string | null;
  via: string;
  address: string | null;
  link: string | null;
}

const kind = 'decision';

export function decisionSeal(installation: Pick<Installation, 'sealKey'>, decision: SealedDecision): string {
  return messageSeal(installation, kind, fieldsOf(decision));
}

export function decisionSealFits(
  installation: Pick<Installation, 'sealKey'>,
  decision: SealedDecision,
  seal: string,
): boolean {
  return messageSealFits(installation, kind, fieldsOf(decision), seal);
}

function fieldsOf({ workflowId, step, id, by, approved, reason, via, address, link }: SealedDecision) {
  return [workflowId, step, id, by, approved, reason, via, address, link];
}
