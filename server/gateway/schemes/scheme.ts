import type { RequestView } from '../request-view.ts';
import type { OutboundDraft } from '../outbound-draft.ts';

/**
 * Why a request is refused; stable, since it labels metrics and logs. Everything but the first is the sender's doing.
 * - `no-secret`: the source has none, so nothing can be verified.
 * - `missing-signature`, `malformed-signature`, `wrong-signature`; `missing-token`, `wrong-token`.
 * - `incomplete`: something that the signature covers is not in the request, or its body cannot be read.
 * - `malformed-timestamp`, `stale-timestamp`, `future-timestamp`: genuine, but not of this moment.
 */
export const refusalReasons = [
  'no-secret',
  'missing-signature',
  'malformed-signature',
  'wrong-signature',
  'missing-token',
  'wrong-token',
  'incomplete',
  'malformed-timestamp',
  'stale-timestamp',
  'future-timestamp',
] as const;
export type RefusalReason = (typeof refusalReasons)[number];

export type Verdict = { ok: true } | { ok: false; reason: RefusalReason };

/** One way to sign, with the options of one preset. */
export interface Scheme {
  /** Whether any of the secrets has signed the request. Never throws. `nowMs` null: freshness is not judged. */
  verify(view: RequestView, secrets: readonly string[], nowMs: number | null): Verdict;
  /** Signs as the gateway would: the draft with its signature, token and time in place. */
  sign(draft: OutboundDraft, secret: string, nowMs: number): OutboundDraft;
}

export const accepted: Verdict = { ok: true };

export function refused(reason: RefusalReason): Verdict {
  return { ok: false, reason };
}
