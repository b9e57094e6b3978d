import { createHmac, randomBytes } from 'node:crypto';
import { eq, sql } from 'drizzle-orm';
import type { Database } from '../../storage/database.ts';
import type { Installation } from '../../storage/installation.ts';
import { audit, sessions, type SessionWay } from '../../storage/schema.ts';
import type { PageRequest } from '../api/cursors.ts';
import type { Scope } from '../api/scopes.ts';

/** A session as it is checked. */
export interface StoredSession {
  id: string;
  name: string;
  scope: Scope;
  via: SessionWay;
  /** See the table. */
  credential: string;
  /** Milliseconds since 1970. */
  expiresMs: number;
}

export interface NewSession {
  /** Of what the browser gets. */
  hash: string;
  name: string;
  scope: Scope;
  via: SessionWay;
  credential: string;
  expiresAt: Date;
  /** Where the person was. */
  address: string;
}

/** The most sessions of one credential. The oldest are ended, so that a script that logs in all the time fills no table. */
const mostOfOne = 50;

/** The sessions of all servers of the installation. */
export interface SessionStore {
  /** Opens one, and records who has logged in. Resolves to its id. */
  open(session: NewSession): Promise<string>;
  /** By the hash of what a browser has. Null: there is none, or what it was opened with no longer counts. */
  find(hash: string): Promise<StoredSession | null>;
  /** Ends one, and records who did: the person, by logging out, or an operator. False: there is no such session. */
  end(ended: { id: string; actor: string; action: 'log-out' | 'end-session' }): Promise<boolean>;
  /** Newest first. What is listed opens nothing. */
  list(page: PageRequest): Promise<(ListedSession & { place: (string | number)[] })[]>;
  /** What stands for the admin token as `credential`. */
  adminCredential: string;
}

interface ListedSession {
  id: string;
  name: string;
  scope: Scope;
  via: SessionWay;
  createdAt: Date;
  expiresAt: Date;
}

/** Whether what it was opened with still counts. `$1` is the credential of the admin token that counts. */
const countsSql = `
  sessions.expires_at > now() and (sessions.via <> 'token' or sessions.credential = $1) and (sessions.via <> 'key' or exists (
    select from api_keys where api_keys.id = sessions.credential and api_keys.revoked_at is null))`;

const findSql = `
  select id, name, scope, via, credential, extract(epoch from expires_at)::float8 * 1000 as "expiresMs"
  from sessions where hash = $2 and ${countsSql}`;

const listSql = `
  select id, name, scope, via, created_at as "createdAt", expires_at as "expiresAt", created_at::text as exactly
  from sessions where ${countsSql} and ($2::timestamptz is null or (created_at, id) < ($2::timestamptz, $3::text))
  order by created_at desc, id desc limit $4`;

/** A session ends with the admin token that opened it, and with the API key. */
export function createSessionStore({
  database,
  installation: { sealKey },
  adminToken,
}: {
  database: Pick<Database, 'run' | 'orm'>;
  installation: Pick<Installation, 'sealKey'>;
  adminToken: string;
}): SessionStore {
  const adminCredential = createHmac('sha256', sealKey).update(`admin token ${adminToken}`).digest('hex');
  return {
    adminCredential,
    async open({ address, ...opened }) {
      const id = randomBytes(6).toString('hex');
      await database.orm.transaction(async (queries) => {
        await queries.insert(sessions).values({ id, ...opened });
        await queries.execute(endOldest(opened));
        const reason = `${wayOf(opened)}, from ${address}, until ${opened.expiresAt.toISOString()}`;
        await queries.insert(audit).values({ actor: opened.name, action: 'log-in', target: `session ${id}`, reason });
      });
      return id;
    },
    async find(hash) {
      const [row] = await database.run<StoredSession>('session-find', findSql, [adminCredential, hash]);
      return row ?? null;
    },
    end: ({ id, actor, action }) =>
      database.orm.transaction(async (queries) => {
        const [ended] = await queries.delete(sessions).where(eq(sessions.id, id)).returning({ name: sessions.name });
        if (ended === undefined) return false;
        const reason = `the session of ${ended.name}`;
        await queries.insert(audit).values({ actor, action, target: `session ${id}`, reason });
        return true;
      }),
    async list({ after = null, limit }) {
      const [at = null, id = null] = after ?? [];
      const values = [adminCredential, at, id, limit];
      const rows = await database.run<ListedSession & { exactly: string }>('session-list', listSql, values);
      return rows.map(({ exactly, ...row }) => ({ ...row, place: [exactly, row.id] }));
    },
  };
}

function endOldest({ via, credential }: Pick<NewSession, 'via' | 'credential'>) {
  return sql`
    delete from ${sessions} where id in (
      select id from ${sessions} where via = ${via} and credential = ${credential}
      order by created_at desc, id desc offset ${mostOfOne})`;
}

function wayOf({ via, credential }: Pick<NewSession, 'via' | 'credential'>): string {
  if (via === 'oidc') return `by OpenID Connect as ${credential}`;
  if (via === 'key') return `with the API key ${credential}`;
  return via === 'token' ? 'with the admin token' : 'with a one-time link';
}
