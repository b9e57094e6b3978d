import type { IncomingHttpHeaders } from 'node:http';
import { isSamePage } from '../../http/browser-page.ts';
import { ApiProblem } from '../api/problem.ts';
import type { Caller } from '../api/scopes.ts';
import { equalsAny } from '../equals-any.ts';
import { hashOfSession, type SessionSecrets } from './session-secret.ts';
import type { StoredSession } from './sessions.ts';

/** Finds out who asks with the cookie of a session. */
export interface SessionCheck {
  /** Null: there is no cookie of a session, or more than one. */
  check(request: Asking): Promise<OpenSession | ApiProblem | null>;
  /** Looks all sessions up anew the next time, because one was ended or a key was revoked. */
  forget(): void;
}

/** What is looked at of a request. */
interface Asking {
  method: string;
  headers: IncomingHttpHeaders;
}

/** A session that counts now. */
export interface OpenSession {
  caller: Caller;
  /** Its id. */
  id: string;
  /** As the person is shown. */
  name: string;
  /** What the browser has. */
  secret: string;
  /** What writes have to send as `x-kait-csrf`. */
  csrf: string;
  expiresMs: number;
}

export interface SessionCheckDeps {
  /** By the hash of what the browser has. Null: it was ended, or its key was revoked. */
  find: (hash: string) => Promise<StoredSession | null>;
  secrets: SessionSecrets;
  /** Whether the browser came by https. */
  isSecure: (headers: IncomingHttpHeaders) => boolean;
  /** Milliseconds since 1970. */
  now: () => number;
}

/** How long a session is not looked up again, and so how long one that was ended by another server still opens this one. */
const knownForMs = 3_000;
const mostKnown = 1_000;

/**
 * A cookie that Kait has not made costs an HMAC and no look at the database. What changes something needs the session's own header, which no form and no
 * other site's page can send, and has to come from a page of this origin.
 */
export function createSessionCheck({ find, secrets, isSecure, now }: SessionCheckDeps): SessionCheck {
  const known = new Map<string, { at: number; session: Promise<StoredSession | null> }>();

  function lookUp(hash: string): Promise<StoredSession | null> {
    const kept = known.get(hash);
    if (kept !== undefined && now() - kept.at < knownForMs) return kept.session;
    const session = find(hash);
    known.delete(hash);
    known.set(hash, { at: now(), session });
    const [oldest] = known.keys();
    if (known.size > mostKnown && oldest !== undefined) known.delete(oldest);
    session.catch(() => known.delete(hash));
    return session;
  }

  return {
    forget: () => known.clear(),
    async check({ method, headers }) {
      const secret = secrets.read(headers);
      if (secret === null) return null;
      const stored = await lookUp(hashOfSession(secret)).catch(() => 'unavailable' as const);
      if (stored === 'unavailable') return unavailable();
      if (stored === null || stored.expiresMs <= now()) return ended();
      const csrf = secrets.csrfOf(secret);
      const isRead = method === 'GET' || method === 'HEAD';
      if (!isRead && !isSamePage(headers, isSecure(headers))) return foreign();
      if (!isRead && !equalsAny(String(headers['x-kait-csrf'] ?? ''), [csrf])) return withoutToken();
      const { id, name, scope, expiresMs } = stored;
      return {
        id,
        name,
        secret,
        csrf,
        expiresMs,
        caller: { id: `session:${id}`, name: actorIn(stored), scope, tenant: null },
      };
    },
  };
}

/** People choose their names. What the identity provider calls them is theirs alone. */
function actorIn({ name, via, credential }: Pick<StoredSession, 'name' | 'via' | 'credential'>): string {
  return via === 'oidc' ? `${name} (${credential})` : name;
}

function ended(): ApiProblem {
  return new ApiProblem(401, 'session-ended', 'The session has ended. Log in again.');
}

function foreign(): ApiProblem {
  return new ApiProblem(403, 'foreign-page', 'A change has to come from a page of the console itself.');
}

function withoutToken(): ApiProblem {
  return new ApiProblem(403, 'csrf', 'Send the session’s token as x-kait-csrf. GET /session tells it.');
}

function unavailable(): ApiProblem {
  const headers = { 'retry-after': '5' };
  return new ApiProblem(503, 'unavailable', 'The session could not be looked up. Send the request again.', { headers });
}
