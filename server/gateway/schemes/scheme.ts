import type { Credentials } from '../credentials.ts';
import type { OutboundDraft } from '../outbound-draft.ts';
import type { RequestView } from '../request-view.ts';

/**
 * Why a request is refused; stable, since it labels metrics and logs. Everything but the first and the last is the sender's
 * doing.
 * - `no-secret`: the source has none, so nothing can be verified.
 * - `missing-signature`, `malformed-signature`, `wrong-signature`; `missing-token`, `wrong-token`.
 * - `unsupported-algorithm`, `unknown-key`, `untrusted-key`: the request names one that the preset, or the source, has not; a
 *   certificate whose time is over is not trusted either.
 * - `incomplete`: something that the signature covers is not in the request, or its body cannot be read.
 * - `malformed-timestamp`, `stale-timestamp`, `future-timestamp`: genuine, but not of this moment.
 * - `key-unavailable`: the key could not be fetched, so that nothing is known: the gateway has to send again.
 */
export const rejectionReasons = [
  'no-secret',
  'missing-signature',
  'malformed-signature',
  'wrong-signature',
  'missing-token',
  'wrong-token',
  'unsupported-algorithm',
  'unknown-key',
  'untrusted-key',
  'incomplete',
  'malformed-timestamp',
  'stale-timestamp',
  'future-timestamp',
  'key-unavailable',
] as const;
export type RejectionReason = (typeof rejectionReasons)[number];

export type Verification = { ok: true } | { ok: false; reason: RejectionReason };

/** What there is to sign with. `secret` is a private key in PEM where the gateway signs with one. */
export interface SigningKey {
  secret: string;
  settings: Readonly<Record<string, string>>;
}

/** One way to sign, with the options of one preset. */
export interface Scheme {
  /** `item`: each event of a batch has a signature of its own. */
  scope: 'request' | 'item';
  /**
   * Whether the request is signed by whoever has the credentials. Never throws or rejects. `nowMs` null: freshness is not
   * judged.
   */
  verify(view: RequestView, credentials: Credentials, nowMs: number | null): Verification | Promise<Verification>;
  /**
   * Signs as the gateway would: the draft with its signature, token and time in place. Throws an `Error` where the draft
   * lacks something that the signature covers, or where only the gateway can sign so.
   */
  sign(draft: OutboundDraft, view: RequestView, key: SigningKey, nowMs: number): OutboundDraft | Promise<OutboundDraft>;
}

export const verified: Verification = { ok: true };

export function rejected(reason: RejectionReason): Verification {
  return { ok: false, reason };
}
