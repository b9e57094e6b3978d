import { callbackPath, callbackToken } from '../../storage/callback-token.ts';
import type { Installation } from '../../storage/installation.ts';
import { activityFailure } from '../failure-types.ts';

/** The URL on which the receiver of a delivery may answer. Throws `PublicUrlMissing` if the worker knows no address for it. */
export type CallbackUrlOf = (delivery: { id: string; ackUntil: Date }) => string;

/** `publicUrl` is `KAIT_PUBLIC_URL`. */
export function createCallbackUrl(installation: Installation, publicUrl: string | null): CallbackUrlOf {
  return ({ id, ackUntil }) => {
    if (publicUrl === null) throw publicUrlMissing();
    const token = callbackToken(installation, { delivery: id, expiresAt: Math.ceil(ackUntil.getTime() / 1_000) });
    return `${publicUrl.replace(/\/+$/, '')}${callbackPath}${token}`;
  };
}

/** Retried, because another worker may know it, or this one after a restart. */
export function publicUrlMissing() {
  const message =
    'Receivers cannot answer, because this worker has no KAIT_PUBLIC_URL. Set it to the address under which they reach the receiver';
  return activityFailure('PublicUrlMissing', message);
}
