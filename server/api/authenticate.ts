import { timingSafeEqual } from 'node:crypto';
import { readAddress, senderNetwork } from '../../http/networks.ts';
import { equalsAny } from '../equals-any.ts';
import { createKeyedRateLimits } from '../rate-limit.ts';
import type { StoredKey } from './keys/api-keys.ts';
import { hashOf, idOf } from './keys/key-secret.ts';
import { type PortalAccess, portalPrefix } from './portal/portal-token.ts';
import { ApiProblem } from './problem.ts';
import type { Caller } from './scopes.ts';

/** Finds out who asks. */
export interface Authenticator {
  /** By the header `Authorization` and the address of the connection. */
  check(authorization: string | undefined, address: string): Promise<Caller | ApiProblem>;
  /** Looks a key up anew the next time, because it was revoked. */
  forget(id: string): void;
  /** Looks up anew which links of a tenant count. */
  forgetTenant(tenant: string): void;
}

export interface AuthenticatorDeps {
  /** `KAIT_ADMIN_TOKEN`. */
  token: string;
  findKey: (id: string) => Promise<StoredKey | null>;
  /** What a portal link says that Kait has made. Null: it has not. */
  readLink: (token: string) => PortalAccess | null;
  /** The generation of a tenant's links that counts. */
  findGeneration: (tenant: string) => Promise<number>;
  /** Records that a key was used, every some minutes. Never rejects. */
  noteUse: (id: string) => void;
  /** Milliseconds since 1970. */
  now: () => number;
}

/** The token that Kait was started with may do everything: with it, the first API key is made. */
export const adminTokenName = 'admin token';
const bootstrap: Caller = { id: 'admin-token', name: adminTokenName, scope: 'admin', tenant: null };

/** How long a key is not looked up again, and so how long one that was revoked by another server still opens this one. */
const knownForMs = 3_000;
const mostKnown = 1_000;
const notedEveryMs = 5 * 60_000;
/** Of wrong keys from one address. */
const failures = { perSecond: 2, burst: 100 };
const mostAddresses = 10_000;
const longestSecret = 200;

/**
 * A wrong key costs a digest, and one look at the primary key if it is formed like a key. An address that sends many gets 429, and its keys are
 * no longer looked up, apart from those that have been right before.
 */
export function createAuthenticator(deps: AuthenticatorDeps): Authenticator {
  const limits = createKeyedRateLimits({ capacity: mostAddresses, now: deps.now });
  const known = new Map<string, { at: number; key: Promise<StoredKey | null> }>();
  const generations = new Map<string, { at: number; generation: Promise<number> }>();
  /** The hashes of keys that were right, with when their use was last noted. */
  const right = new Map<string, number>();

  function find(id: string): Promise<StoredKey | null> {
    const kept = known.get(id);
    if (kept !== undefined && deps.now() - kept.at < knownForMs) return kept.key;
    const key = deps.findKey(id);
    known.delete(id);
    known.set(id, { at: deps.now(), key });
    forgetOldest(known);
    key.catch(() => known.delete(id));
    return key;
  }

  function noteUse(key: StoredKey): void {
    const noted = right.get(key.hash) ?? -Infinity;
    const isDue = deps.now() - noted >= notedEveryMs;
    right.delete(key.hash);
    right.set(key.hash, isDue ? deps.now() : noted);
    forgetOldest(right);
    if (isDue) deps.noteUse(key.id);
  }

  async function callerByLink({ tenant, expiresMs, generation }: PortalAccess): Promise<Caller | ApiProblem> {
    if (expiresMs <= deps.now()) return unauthorized('This portal link has expired.');
    const valid = await findGeneration(tenant).catch(() => null);
    if (valid === null) return unavailable();
    if (generation !== valid) return unauthorized('This portal link was revoked.');
    // Only routes that are for tenants let it in, and only to what is its own.
    return { id: `tenant:${tenant}`, name: `tenant ${tenant}`, scope: 'admin', tenant };
  }

  function findGeneration(tenant: string): Promise<number> {
    const kept = generations.get(tenant);
    if (kept !== undefined && deps.now() - kept.at < knownForMs) return kept.generation;
    const generation = deps.findGeneration(tenant);
    generations.delete(tenant);
    generations.set(tenant, { at: deps.now(), generation });
    forgetOldest(generations);
    generation.catch(() => generations.delete(tenant));
    return generation;
  }

  return {
    forget: (id) => void known.delete(id),
    forgetTenant: (tenant) => void generations.delete(tenant),
    async check(authorization = '', address) {
      const bucket = limits.of(senderNetwork(readAddress(address) ?? 'unknown'), failures);
      const secret = /^Bearer (\S.*)$/i.exec(authorization)?.[1];
      if (secret === undefined) return unauthorized('The API needs a key: Authorization: Bearer <key>.');
      if (equalsAny(secret, [deps.token])) return bootstrap;
      const link = secret.startsWith(portalPrefix) ? deps.readLink(secret) : null;
      if (link !== null) return callerByLink(link);
      const id = secret.length > longestSecret ? null : idOf(secret);
      const hash = hashOf(secret);
      if (bucket.waitSeconds() > 0 && !right.has(hash)) return tooMany(bucket.waitSeconds());
      const key = id === null ? null : await find(id).catch(() => 'unavailable' as const);
      if (key === 'unavailable') return unavailable();
      if (key === null || !timingSafeEqual(Buffer.from(key.hash), Buffer.from(hash))) {
        const waitSeconds = bucket.take();
        return waitSeconds > 0 ? tooMany(waitSeconds) : unauthorized('This key is not known here.');
      }
      if (key.isRevoked) return unauthorized(`The key "${key.name}" was revoked.`);
      if (key.expiresMs !== null && key.expiresMs <= deps.now()) {
        return unauthorized(`The key "${key.name}" has expired.`);
      }
      noteUse(key);
      return { id: key.id, name: key.name, scope: key.scope, tenant: null };
    },
  };
}

function forgetOldest(map: Map<string, unknown>): void {
  const [oldest] = map.keys();
  if (map.size > mostKnown && oldest !== undefined) map.delete(oldest);
}

function unauthorized(detail: string): ApiProblem {
  return new ApiProblem(401, 'unauthorized', detail, { headers: { 'www-authenticate': 'Bearer' } });
}

function tooMany(waitSeconds: number): ApiProblem {
  const headers = { 'retry-after': String(Math.max(1, Math.ceil(waitSeconds))) };
  return new ApiProblem(429, 'too-many-wrong-keys', 'There were too many wrong keys from this address.', { headers });
}

function unavailable(): ApiProblem {
  const headers = { 'retry-after': '5' };
  return new ApiProblem(503, 'unavailable', 'The key could not be looked up. Send the request again.', { headers });
}
