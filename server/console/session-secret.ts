import { createHash, createHmac, randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Installation } from '../../storage/installation.ts';
import { readSignedToken, signedToken } from '../../storage/signed-token.ts';
import { clearCookie, readCookie, setCookie } from './cookies.ts';

/** What a browser has of a session: 256 random bits, signed, so that what Kait has not made is known without a look at the database. */
export interface SessionSecrets {
  create(): string;
  /** Null: there is none in the cookies that Kait has made, or several. */
  read(headers: IncomingHttpHeaders): string | null;
  /** What a page of the console sends with each change. It follows from the secret, which no script can read. */
  csrfOf(secret: string): string;
  /** The header `set-cookie` that gives it to the browser. */
  cookieOf(secret: string, headers: IncomingHttpHeaders, seconds: number): string;
  /** And the one that takes it away. */
  noCookie(headers: IncomingHttpHeaders): string;
}

const name = 'session';

export function createSessionSecrets(
  installation: Installation,
  isSecure: (headers: IncomingHttpHeaders) => boolean,
): SessionSecrets {
  return {
    create: () => signedToken(installation, 'session', randomBytes(32).toString('base64url')),
    read(headers) {
      const given = readCookie(headers, name, isSecure(headers));
      return given !== null && readSignedToken(installation, 'session', given) !== undefined ? given : null;
    },
    csrfOf: (secret) => createHmac('sha256', secret).update('csrf').digest('base64url'),
    cookieOf: (secret, headers, seconds) =>
      setCookie(headers, { name, value: secret, seconds, sameSite: 'Strict', isSecure: isSecure(headers) }),
    noCookie: (headers) => clearCookie(headers, { name, sameSite: 'Strict', isSecure: isSecure(headers) }),
  };
}

/** SHA-256 (hex), as it is stored. */
export function hashOfSession(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
