import type { IncomingHttpHeaders } from 'node:http';
import { z } from 'zod';
import type { Installation } from '../../storage/installation.ts';
import { readSignedToken, signedToken } from '../../storage/signed-token.ts';
import { clearCookie, readCookie, setCookie } from './cookies.ts';
import type { PendingLogIn } from './oidc.ts';

/**
 * What a browser keeps while its person logs in elsewhere, in a cookie that only Kait can have made. It is `Lax`, because the browser comes back from another
 * site. No server keeps anything, so any server can finish what another has begun.
 */
export interface PendingLogIns {
  cookieOf(pending: PendingLogIn, headers: IncomingHttpHeaders): string;
  /** Null: there is none, or it is too old. */
  read(headers: IncomingHttpHeaders): PendingLogIn | null;
  noCookie(headers: IncomingHttpHeaders): string;
}

const name = 'oidc';
const keptSeconds = 600;

const kept = z.tuple([z.string(), z.string(), z.string(), z.string(), z.number()]);

export function createPendingLogIns({
  installation,
  isSecure,
  now,
}: {
  installation: Installation;
  isSecure: (headers: IncomingHttpHeaders) => boolean;
  now: () => number;
}): PendingLogIns {
  const about = (headers: IncomingHttpHeaders) => ({ name, sameSite: 'Lax' as const, isSecure: isSecure(headers) });
  return {
    cookieOf({ state, nonce, verifier, redirectUri }, headers) {
      const content = [state, nonce, verifier, redirectUri, now() + keptSeconds * 1000];
      const value = signedToken(installation, 'oidc-login', content);
      return setCookie(headers, { ...about(headers), value, seconds: keptSeconds });
    },
    read(headers) {
      const given = readCookie(headers, name, isSecure(headers));
      const content = given === null ? undefined : readSignedToken(installation, 'oidc-login', given);
      if (content === undefined) return null;
      const [state, nonce, verifier, redirectUri, untilMs] = kept.parse(content);
      return untilMs > now() ? { state, nonce, verifier, redirectUri } : null;
    },
    noCookie: (headers) => clearCookie(headers, about(headers)),
  };
}
