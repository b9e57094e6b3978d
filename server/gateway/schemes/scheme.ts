import type { Chunk } from '../filters.ts';
import type { OutboundDraft } from '../outbound-draft.ts';
import type { RequestView } from '../request-view.ts';

/**
 * Why a request is rejected. Stable, because metrics and logs use them as labels. The sender is at fault, except for the first
 * and the last.
 * - `no-secret`: the source has no secret, so nothing can be verified.
 * - `missing-signature`, `malformed-signature`, `wrong-signature`; `missing-token`, `wrong-token`.
 * - `unsupported-algorithm`, `unknown-key`, `untrusted-key`: the request names one that the preset or the source does not
 *   have, or a certificate outside its validity.
 * - `ambiguous`: the request tells one thing twice: two values of a form field that the preset reads, or the headers of two
 *   brands. What is signed might not be what is read.
 * - `incomplete`: the request lacks something that the signature covers, or its body cannot be read.
 * - `too-complex`: fields of the body are signed, and it has more of them than Kait reads of a request that anybody may have sent.
 * - `unknown-charset`: the request is incomplete because Kait does not know the charset that the content type names.
 * - `malformed-timestamp`, `stale-timestamp`, `future-timestamp`: the signature is right, but its time is not.
 * - `key-unavailable`: the key could not be fetched. Nothing is known, so the gateway has to send the request again.
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
  'ambiguous',
  'incomplete',
  'too-complex',
  'unknown-charset',
  'malformed-timestamp',
  'stale-timestamp',
  'future-timestamp',
  'key-unavailable',
] as const;
export type RejectionReason = (typeof rejectionReasons)[number];

/** The outcome of a signature check. */
export type Verification = { ok: true } | { ok: false; reason: RejectionReason };

/** What a source verifies requests with. */
export interface Credentials {
  /** Any of them may have signed: the old and the new one during a rotation, or one for each of several accounts. */
  secrets: readonly string[];
  /** Secrets by the key ids that requests name, for gateways that name them. */
  keyring: ReadonlyMap<string, string>;
  /** Fetches a key by its address. Rejects if that fails. Undefined: keys are never fetched. */
  fetchKey?: FetchKey | undefined;
}

export type FetchKey = (address: string, asker: KeyAsker) => Promise<FetchedKey>;

/** Who wants a key. */
export interface KeyAsker {
  /** The network of the request's sender. Senders take turns if too many addresses are asked for. */
  sender: string;
  /** Whether a text is a key that can verify anything. Others are not kept. */
  isKey: (text: string) => boolean;
}

export interface FetchedKey {
  text: string;
  /** The key as it is now, if `text` is past its time. Rejects if it cannot be fetched. Null: `text` is recent. */
  refetched: Promise<string> | null;
  /** Notes that this text has verified a request. Strangers cannot displace the key from then on. */
  noteVerified: (text: string) => void;
}

/** What samples are signed with. `secret` is a private key in PEM if the gateway signs with one. */
export interface SigningKey {
  secret: string;
  settings: Readonly<Record<string, string>>;
}

/** Whether a text is one that a handshake signs for whoever asks, so that a signature over it proves nothing. */
export type IsChallenge = (text: readonly Chunk[]) => boolean;

/** One way to sign, with the options of one preset. */
export interface Scheme {
  /** `item`: each event of a batch has its own signature. */
  scope: 'request' | 'item';
  /** Whether a request can hold the signature where the scheme expects it. Default: always. */
  fits?: (view: RequestView) => boolean;
  /** Whether the owner of the credentials signed the request. Never throws. `nowMs` null: the age is not checked. */
  verify(view: RequestView, credentials: Credentials, nowMs: number | null): Verification | Promise<Verification>;
  /**
   * Signs as the gateway would: adds the signature, token and time to the draft. Throws an `Error` if the draft lacks something
   * that the signature covers, or if only the gateway can sign.
   */
  sign(draft: OutboundDraft, view: RequestView, key: SigningKey, nowMs: number): OutboundDraft | Promise<OutboundDraft>;
}

export const verified: Verification = { ok: true };

export function rejected(reason: RejectionReason): Verification {
  return { ok: false, reason };
}
