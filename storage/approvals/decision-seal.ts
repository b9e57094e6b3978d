import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Installation } from '../installation.ts';

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

/** Proves that Kait's server says where an answer came from. Whoever reaches Temporal can send any update. */
export function decisionSeal({ sealKey }: Pick<Installation, 'sealKey'>, decision: SealedDecision): string {
  const { workflowId, step, id, by, approved, reason, via, address, link } = decision;
  const text = JSON.stringify(['decision', workflowId, step, id, by, approved, reason, via, address, link]);
  return createHmac('sha256', sealKey).update(text).digest('hex');
}

/** Compares in constant time. */
export function decisionSealFits(
  installation: Pick<Installation, 'sealKey'>,
  decision: SealedDecision,
  seal: string,
): boolean {
  const expected = Buffer.from(decisionSeal(installation, decision));
  const given = Buffer.from(seal);
  return given.length === expected.length && timingSafeEqual(given, expected);
}
