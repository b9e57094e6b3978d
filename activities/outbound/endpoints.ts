import { createPrivateKey, randomBytes, X509Certificate } from 'node:crypto';
import { and, asc, eq, ne, sql } from 'drizzle-orm';
import { KaitError } from '../../errors.ts';
import type { Resolve } from '../../http/resolve.ts';
import type { TlsIdentity } from '../../http/tls-identity.ts';
import type { Network } from '../../http/networks.ts';
import type { Database, Queries } from '../../storage/database.ts';
import { audit, endpoints, type EndpointState } from '../../storage/schema.ts';
import type { SecretKeys } from '../../storage/secret-keys.ts';
import { filterFault, transformFault } from '../../language/check/webhook-logic.ts';
import type { EndpointPolicy } from '../../language/endpoint-policy.ts';
import type { EventTypes } from '../../language/event-types.ts';
import {
  type EndpointAuth,
  type EndpointSecrets,
  newEd25519Key,
  newHmacKey,
  openSecrets,
  publicKeyOf,
  sealSecrets,
  type SigningKey,
} from './endpoint-secrets.ts';
import { checkEndpointUrl } from './endpoint-url.ts';
import { endUnfinished } from './end-unfinished.ts';
import { isEventPattern, patternsTake } from './message-types.ts';

/** What somebody says about an endpoint. Absent: the default, or unchanged. */
export interface EndpointRequest {
  url: string;
  /** Event type patterns: `order.created`, `order.*`, `*`. */
  patterns: string[];
  description?: string | undefined;
  /** Whose it is. Never changes. */
  tenant?: string | undefined;
  policy?: EndpointPolicy | undefined;
  /** Values by name. */
  headers?: Record<string, string> | undefined;
  auth?: EndpointAuth | undefined;
  clientCertificate?: TlsIdentity | undefined;
  /** A key for HMAC that the receiver has already. Default: a new one. */
  secret?: string | undefined;
}

/** Null takes a value back to its default. The policy and the headers are changed entry by entry. */
export interface EndpointChanges {
  url?: string | undefined;
  patterns?: string[] | undefined;
  description?: string | undefined;
  policy?: { [Field in keyof EndpointPolicy]?: EndpointPolicy[Field] | null } | undefined;
  headers?: Record<string, string | null> | undefined;
  auth?: EndpointAuth | null | undefined;
  clientCertificate?: TlsIdentity | null | undefined;
}

/** As everybody may see it. */
export interface Endpoint {
  id: string;
  /** Counts the changes. */
  version: number;
  url: string;
  patterns: string[];
  description: string;
  tenant: string | null;
  policy: EndpointPolicy;
  /** Null: this process does not have the key that opens them. */
  credentials: ShownCredentials | null;
  state: EndpointState;
  disabledReason: string | null;
  /** Since when every attempt has failed. */
  failingSince: Date | null;
  /** No request is sent until then, because too many failed. */
  openUntil: Date | null;
  createdAt: Date;
}

/** What may be told of an endpoint's secrets. */
export interface ShownCredentials {
  /** Names only. */
  headers: string[];
  auth: EndpointAuth['kind'] | null;
  clientCertificate: boolean;
  /** The newest first; `key` is its kind. `until`: RFC 3339, when a replaced key stops signing. */
  signing: { key: 'v1' | 'v1a'; until: string | null }[];
  /** What a receiver verifies `v1a` with. */
  publicKey: string | null;
}

/** With keys that were made just now. They are never shown again. */
export interface NewEndpoint extends Endpoint {
  /** `whsec_…`. Null: the endpoint has none, or the caller gave it. */
  secret: string | null;
}

export interface EndpointStoreDeps {
  database: Database;
  clock: () => Date;
  resolve: Resolve;
  /** Private networks that the operator allows. */
  allow: readonly Network[];
  /** Those that endpoints of tenants may be in. Default: none. */
  tenantAllow?: readonly Network[];
  /** Null: there are none, and no endpoint can be added. */
  secretKeys: SecretKeys | null;
  /** Filters and transformations are tried with the examples of these. Default: none. */
  eventTypes?: () => EventTypes;
  /** For what tenants do themselves. */
  tenantLimits?: TenantLimits;
}

/** What tenants may have of what they share with others. */
export interface TenantLimits {
  endpoints: number;
  concurrency: number;
}

export const defaultTenantLimits: TenantLimits = { endpoints: 10, concurrency: 10 };

/** Whose endpoints somebody may see and change. Null: everybody's. */
export type Tenant = string | null;

/** Who asks for a change of an endpoint. */
export interface ChangedBy {
  /** A tenant that does it itself: only to what is its own, and within `tenantLimits`. */
  tenant?: Tenant;
  /** For the audit. Absent: Kait itself does it, for a demo or a test, and nothing is recorded. */
  actor?: string;
}

export interface EndpointFilter {
  tenant?: Tenant | undefined;
  state?: EndpointState | undefined;
  /** Where an earlier page has ended: the creation time (RFC 3339) and the id of its last endpoint. */
  after?: readonly (string | number)[] | null;
  /** Default: all. */
  limit?: number;
}

export interface EndpointStore {
  /**
   * Throws `KAIT_ENDPOINT_URL_INVALID`, `KAIT_ENDPOINT_PATTERN_INVALID`, `KAIT_ENDPOINT_SECRET_INVALID`, `KAIT_ENDPOINT_INVALID` or
   * `KAIT_SECRETS_KEY_MISSING`.
   */
  add(request: EndpointRequest, by?: ChangedBy): Promise<NewEndpoint>;
  /** Oldest first. */
  list(filter?: EndpointFilter): Promise<Endpoint[]>;
  get(id: string, tenant?: Tenant): Promise<Endpoint | undefined>;
  /** Undefined: there is none. `conflict`: its version is another one than `version`. Throws as `add` does. */
  edit(
    id: string,
    changes: EndpointChanges,
    options: ChangedBy & { version: number | null },
  ): Promise<NewEndpoint | 'conflict' | undefined>;
  /** Pauses it, or enables it again, whatever it was disabled for. Undefined: there is none. */
  /** As `edit` does. */
  setState(
    id: string,
    state: 'enabled' | 'paused',
    options?: ChangedBy & { version?: number | null },
  ): Promise<Endpoint | 'conflict' | undefined>;
  /** Makes new signing keys, or takes `secret`, which the receiver has already. The old ones sign beside them for `overlapMs`. */
  rotate(
    id: string,
    options: ChangedBy & { overlapMs: number; version: number | null; secret?: string | undefined },
  ): Promise<NewEndpoint | 'conflict' | undefined>;
  /** Its unfinished deliveries end as `refused`. Safe to repeat. False if the id is unknown. `conflict`: as `edit` does. */
  remove(id: string, options?: ChangedBy & { version?: number | null }): Promise<boolean | 'conflict'>;
  /** Seals all secrets with the current key. Safe to repeat, and in several processes at once. */
  resealAll(by?: Pick<ChangedBy, 'actor'>): Promise<{ resealed: number; key: string }>;
}

/** The endpoints of outbound webhooks. A URL may be added twice: two receivers with different secrets may be behind it. */
export function createEndpointStore(deps: EndpointStoreDeps): EndpointStore {
  const { orm } = deps.database;
  return {
    add: (request, by = {}) => addEndpoint(deps, request, by),
    list: (filter = {}) => listEndpoints(deps, filter),
    get: async (id, tenant = null) => {
      const [row] = await orm
        .select()
        .from(endpoints)
        .where(and(eq(endpoints.id, id), of(tenant)));
      return row && shown(deps, row);
    },
    edit: (id, changes, options) => editEndpoint(deps, id, changes, options),
    setState: (id, state, options = {}) => setState(deps, id, state, options),
    rotate: (id, { overlapMs, secret, ...options }) =>
      change(deps, id, options, (row, secrets) => {
        const until = new Date(deps.clock().getTime() + overlapMs).toISOString();
        const given = secret === undefined ? [] : [{ key: checkedSecret(secret, row.policy), until: null }];
        const signing = [...given, ...endingBy(secrets.signing, until)];
        return {
          ...{ action: 'rotate-endpoint', reason: `the old keys sign until ${until}` },
          secrets: withKeys({ ...secrets, signing }, row.policy, deps.clock()),
          given: secret,
        };
      }),
    remove: (id, options = {}) => removeEndpoint(deps, id, options),
    resealAll: (by = {}) => resealAll(deps, by),
  };
}

type Row = typeof endpoints.$inferSelect;

const nextVersion = { version: sql`${endpoints.version} + 1` };
const healthy = { failures: 0, failingSince: null, openUntil: null, openings: 0 };

/** Whether it is still the version that a client has read. Null: any will do. */
function at(version: number | null) {
  return version === null ? undefined : eq(endpoints.version, version);
}

function of(tenant: Tenant) {
  return tenant === null ? undefined : eq(endpoints.tenant, tenant);
}

async function listEndpoints(
  deps: EndpointStoreDeps,
  { tenant = null, state, after = null, limit }: EndpointFilter,
): Promise<Endpoint[]> {
  const { createdAt, id } = endpoints;
  const rows = deps.database.orm
    .select()
    .from(endpoints)
    .where(
      and(
        of(tenant),
        state === undefined ? undefined : eq(endpoints.state, state),
        after === null
          ? undefined
          : sql`(${createdAt}, ${id}) > (${String(after[0])}::timestamptz, ${String(after[1])}::text)`,
      ),
    )
    .orderBy(asc(createdAt), asc(id));
  return (await (limit === undefined ? rows : rows.limit(limit))).map((row) => shown(deps, row));
}

function shown({ secretKeys }: EndpointStoreDeps, row: Row): Endpoint {
  const { id, version, url, patterns, description, tenant, policy, state } = row;
  const { disabledReason, failingSince, openUntil, createdAt } = row;
  const readable = secretKeys?.all.has(row.secretsKey) === true;
  const credentials = readable ? shownCredentials(openSecrets(secretKeys, id, row)) : null;
  return {
    ...{ id, version, url, patterns, description, tenant, policy, credentials, state },
    ...{ disabledReason, failingSince, openUntil, createdAt },
  };
}

function shownCredentials({ headers, auth, clientCertificate, signing }: EndpointSecrets): ShownCredentials {
  const ed25519 = signing.find(({ key, until }) => isEd25519(key) && until === null);
  return {
    headers: Object.keys(headers),
    auth: auth?.kind ?? null,
    clientCertificate: clientCertificate !== null,
    signing: signing.map(({ key, until }) => ({ key: isEd25519(key) ? 'v1a' : 'v1', until })),
    publicKey: ed25519 === undefined ? null : publicKeyOf(ed25519.key),
  };
}

async function addEndpoint(
  deps: EndpointStoreDeps,
  request: EndpointRequest,
  { actor, tenant: self = null }: ChangedBy,
): Promise<NewEndpoint> {
  const keys = requiredKeys(deps);
  checkPatterns(request.patterns);
  const { policy = {}, headers = {}, clientCertificate = null, secret } = request;
  const urls = urlDeps(deps, self ?? request.tenant ?? null);
  const auth = await checkedAuth(urls, request.auth ?? null);
  const given = secret === undefined ? [] : [{ key: checkedSecret(secret, policy), until: null }];
  const secrets = withKeys(
    { signing: given, headers: lowerNames(headers), auth, clientCertificate },
    policy,
    deps.clock(),
  );
  checkSecrets(secrets);
  checkLogic(deps, request.patterns, policy);
  if (self !== null) checkOwnPolicy(deps, policy);
  const id = `ep_${randomBytes(16).toString('hex')}`;
  const values = {
    id,
    url: await checkEndpointUrl(urls, request.url),
    patterns: [...new Set(request.patterns)],
    description: request.description ?? '',
    tenant: self ?? request.tenant ?? null,
    policy,
    createdAt: deps.clock(),
  };
  const row = await deps.database.orm.transaction(async (queries) => {
    if (self !== null) await checkCount(deps, queries, self);
    const sealed = sealSecrets(keys, id, secrets);
    const [added] = await queries
      .insert(endpoints)
      .values({ ...values, ...sealed })
      .returning();
    const reason = `to ${new URL(values.url).host}: ${values.patterns.join(', ')}`;
    await recordChange(queries, { actor, action: 'add-endpoint', id, reason });
    return added;
  });
  if (row === undefined) throw new Error('An inserted row was not returned');
  return { ...shown(deps, row), secret: newSecret(given, secrets.signing) };
}

async function editEndpoint(
  deps: EndpointStoreDeps,
  id: string,
  changes: EndpointChanges,
  by: ChangedBy & { version: number | null },
): Promise<NewEndpoint | 'conflict' | undefined> {
  if (changes.patterns !== undefined) checkPatterns(changes.patterns);
  const self = by.tenant ?? null;
  const { url, auth: newAuth } = await checkedUrls(deps, id, changes, self);
  return change(deps, id, by, (row, before) => {
    const policy = merged(row.policy, changes.policy);
    const { clientCertificate = before.clientCertificate } = changes;
    const auth = newAuth === undefined ? before.auth : newAuth;
    const headers = merged(before.headers, changes.headers && lowerNames(changes.headers));
    const secrets = withKeys({ ...before, headers, auth, clientCertificate }, policy, deps.clock());
    checkSecrets(secrets);
    checkLogic(deps, changes.patterns ?? row.patterns, policy);
    if (self !== null) checkOwnPolicy(deps, policy);
    return {
      ...{ action: 'edit-endpoint', reason: changedNames(changes).join(', ') },
      ...(url !== undefined && { url }),
      ...(changes.patterns !== undefined && { patterns: [...new Set(changes.patterns)] }),
      ...(changes.description !== undefined && { description: changes.description }),
      ...{ policy, secrets },
    };
  });
}

/** Those that are changed. Before the row is locked, since names are resolved. */
async function checkedUrls(
  deps: EndpointStoreDeps,
  id: string,
  { url, auth }: EndpointChanges,
  self: Tenant,
): Promise<Pick<EndpointChanges, 'url' | 'auth'>> {
  if (url === undefined && auth === undefined) return {};
  const [row] = await deps.database.orm
    .select({ tenant: endpoints.tenant }) // It never changes.
    .from(endpoints)
    .where(and(eq(endpoints.id, id), of(self)));
  if (row === undefined) return {}; // Nothing is changed.
  const urls = urlDeps(deps, row.tenant);
  return {
    url: url === undefined ? undefined : await checkEndpointUrl(urls, url),
    auth: auth === undefined ? undefined : await checkedAuth(urls, auth),
  };
}

/** Its secret goes to the authorization server, for which the same rules hold as for the receiver. */
async function checkedAuth(urls: ReturnType<typeof urlDeps>, auth: EndpointAuth | null): Promise<EndpointAuth | null> {
  if (auth?.kind !== 'oauth2') return auth;
  return { ...auth, tokenUrl: await checkEndpointUrl(urls, auth.tokenUrl, 'auth.tokenUrl') };
}

/** For the audit: what was changed, never to what. */
function changedNames({ policy = {}, ...changes }: EndpointChanges): string[] {
  const given = (values: object) =>
    Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [name]));
  return [...given(changes), ...given(policy)];
}

type Change = Partial<Pick<Row, 'url' | 'patterns' | 'description' | 'policy'>> & {
  action: EndpointAction;
  /** For the audit. */
  reason: string;
  secrets: EndpointSecrets;
  /** A key that the caller knows. */
  given?: string | undefined;
};

/** Changes one row with its secrets; nobody changes it in between. */
async function change(
  deps: EndpointStoreDeps,
  id: string,
  { tenant = null, actor, version }: ChangedBy & { version: number | null },
  decide: (row: Row, secrets: EndpointSecrets) => Change,
): Promise<NewEndpoint | 'conflict' | undefined> {
  const keys = requiredKeys(deps);
  return deps.database.orm.transaction(async (queries) => {
    const [row] = await queries
      .select()
      .from(endpoints)
      .where(and(eq(endpoints.id, id), of(tenant)))
      .for('update');
    if (row === undefined) return undefined;
    if (version !== null && row.version !== version) return 'conflict';
    const before = openSecrets(keys, id, row);
    const { action, reason, secrets, given = [], ...columns } = decide(row, before);
    const [changed] = await queries
      .update(endpoints)
      .set({ ...columns, ...sealSecrets(keys, id, secrets), ...nextVersion })
      .where(eq(endpoints.id, id))
      .returning();
    await recordChange(queries, { actor, action, id, reason });
    const known = [...before.signing, ...[given].flat().map((key) => ({ key, until: null }))];
    return changed && { ...shown(deps, changed), secret: newSecret(known, secrets.signing) };
  });
}

async function setState(
  deps: EndpointStoreDeps,
  id: string,
  state: 'enabled' | 'paused',
  { tenant = null, actor, version = null }: ChangedBy & { version?: number | null },
): Promise<Endpoint | 'conflict' | undefined> {
  return deps.database.orm.transaction(async (queries) => {
    const [row] = await queries
      .update(endpoints)
      .set({ state, disabledReason: null, ...(state === 'enabled' && healthy), ...nextVersion })
      .where(and(eq(endpoints.id, id), of(tenant), at(version)))
      .returning();
    if (row === undefined) return version !== null && (await exists(queries, id, tenant)) ? 'conflict' : undefined;
    const action = state === 'enabled' ? 'resume-endpoint' : 'pause-endpoint';
    await recordChange(queries, { actor, action, id, reason: '' });
    return shown(deps, row);
  });
}

/** The deliveries end after the endpoint, so that none begins in between. A repetition ends those that a crash has left. */
async function removeEndpoint(
  { database: { orm }, clock }: EndpointStoreDeps,
  id: string,
  { tenant = null, actor, version = null }: ChangedBy & { version?: number | null },
): Promise<boolean | 'conflict'> {
  const removed = await orm.transaction(async (queries) => {
    const rows = await queries
      .delete(endpoints)
      .where(and(eq(endpoints.id, id), of(tenant), at(version)))
      .returning({ url: endpoints.url });
    const [row] = rows;
    if (row === undefined) return version !== null && (await exists(queries, id, tenant)) ? 'conflict' : false;
    await recordChange(queries, { actor, action: 'remove-endpoint', id, reason: `to ${new URL(row.url).host}` });
    return true;
  });
  if (removed === 'conflict') return removed;
  const isGone = removed || (await orm.$count(endpoints, eq(endpoints.id, id))) === 0;
  const ended = isGone ? await endUnfinished(orm, { endpoint: id, tenant, endedAt: clock() }) : 0;
  return removed || ended > 0;
}

async function exists(queries: Queries, id: string, tenant: Tenant): Promise<boolean> {
  return (await queries.$count(endpoints, and(eq(endpoints.id, id), of(tenant)))) > 0;
}

type EndpointAction = Extract<typeof audit.$inferInsert.action, `${string}-endpoint`>;

async function recordChange(
  queries: Queries,
  change: { actor: string | undefined; action: EndpointAction; id: string; reason: string },
): Promise<void> {
  const { actor, action, id, reason } = change;
  if (actor !== undefined) await queries.insert(audit).values({ actor, action, target: `endpoint ${id}`, reason });
}

/** One page at a time, so that a process that dies in between has done a part of it, and the next goes on. */
async function resealAll(
  deps: EndpointStoreDeps,
  { actor }: Pick<ChangedBy, 'actor'>,
): Promise<{ resealed: number; key: string }> {
  const keys = requiredKeys(deps);
  const resealSome = (queries: Queries) =>
    queries.transaction(async (transaction) => {
      const rows = await transaction
        .select()
        .from(endpoints)
        .where(ne(endpoints.secretsKey, keys.current.id))
        .orderBy(asc(endpoints.id))
        .limit(100)
        .for('update');
      for (const row of rows) {
        const sealed = sealSecrets(keys, row.id, openSecrets(keys, row.id, row));
        await transaction.update(endpoints).set(sealed).where(eq(endpoints.id, row.id));
      }
      return rows.length;
    });
  let resealed = 0;
  for (let some = await resealSome(deps.database.orm); some > 0; some = await resealSome(deps.database.orm)) {
    resealed += some;
  }
  if (actor !== undefined) {
    const target = `secrets key ${keys.current.id}`;
    const reason = `${resealed} endpoints`;
    await deps.database.orm.insert(audit).values({ actor, action: 'reseal-secrets', target, reason });
  }
  return { resealed, key: keys.current.id };
}

function requiredKeys({ secretKeys }: EndpointStoreDeps): SecretKeys {
  if (secretKeys !== null) return secretKeys;
  const message =
    'The secrets of endpoints are kept encrypted. Set KAIT_SECRETS_KEY to a key for it: `openssl rand -hex 32` makes one.';
  throw new KaitError('KAIT_SECRETS_KEY_MISSING', message);
}

/** Adds the keys that the signature needs and that are missing, and drops those that sign no more. */
function withKeys(secrets: EndpointSecrets, { signature }: EndpointPolicy, now: Date): EndpointSecrets {
  const versions = signature !== undefined && 'standard' in signature ? signature.standard : ['v1'];
  const valid = secrets.signing.filter(({ until }) => until === null || Date.parse(until) > now.getTime());
  const isMissing = (isKind: (key: string) => boolean) =>
    !valid.some(({ key, until }) => until === null && isKind(key));
  const added: SigningKey[] = [];
  if (versions.includes('v1') && isMissing((key) => !isEd25519(key))) added.push({ key: newHmacKey(), until: null });
  if (versions.includes('v1a') && isMissing(isEd25519)) added.push({ key: newEd25519Key(), until: null });
  return { ...secrets, signing: [...added, ...valid] };
}

function endingBy(signing: readonly SigningKey[], until: string): SigningKey[] {
  return signing.map((one) => (one.until === null ? { ...one, until } : one));
}

function newSecret(before: readonly SigningKey[], after: readonly SigningKey[]): string | null {
  const known = new Set(before.map(({ key }) => key));
  return after.find(({ key }) => !isEd25519(key) && !known.has(key))?.key ?? null;
}

function isEd25519(key: string): boolean {
  return key.startsWith('whsk_');
}

/** Of Standard Webhooks: 24 to 64 bytes in base64. An HMAC of one's own takes any text that is long enough. */
function checkedSecret(secret: string, { signature }: EndpointPolicy): string {
  const isOwn = signature !== undefined && 'hmac' in signature;
  const [, encoded] = /^whsec_([A-Za-z\d+/]+={0,2})$/.exec(secret) ?? [];
  const length = encoded === undefined ? 0 : Buffer.from(encoded, 'base64').length;
  if (isOwn ? /^[\x21-\x7e]{16,200}$/.test(secret) : length >= 24 && length <= 64) return secret;
  const expected = isOwn ? '16 to 200 visible ASCII characters' : 'whsec_ and 24 to 64 bytes in base64';
  throw new KaitError('KAIT_ENDPOINT_SECRET_INVALID', `Expected a signing secret of ${expected}.`);
}

/** What cannot be sent together, or at all. */
function checkSecrets({ headers, auth, clientCertificate }: EndpointSecrets): void {
  if (auth !== null && 'authorization' in headers) {
    throw invalidEndpoint('The header authorization and `auth` exclude each other.');
  }
  if (clientCertificate !== null) checkClientCertificate(clientCertificate);
}

/** The private networks that the operator allows are for the operator's own endpoints. */
function urlDeps(
  { allow, resolve, tenantAllow = [] }: EndpointStoreDeps,
  tenant: Tenant,
): Pick<EndpointStoreDeps, 'allow' | 'resolve'> {
  return { allow: tenant === null ? allow : tenantAllow, resolve };
}

function checkOwnPolicy({ tenantLimits = defaultTenantLimits }: EndpointStoreDeps, policy: EndpointPolicy): void {
  if ((policy.concurrency ?? 0) <= tenantLimits.concurrency) return;
  throw invalidEndpoint(`Expected a concurrency of at most ${tenantLimits.concurrency}.`);
}

/** One after the other, so that two at once do not exceed it. */
async function checkCount(
  { tenantLimits = defaultTenantLimits }: EndpointStoreDeps,
  queries: Queries,
  tenant: string,
): Promise<void> {
  await queries.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`kait endpoints of ${tenant}`}, 0))`);
  const count = await queries.$count(endpoints, eq(endpoints.tenant, tenant));
  if (count < tenantLimits.endpoints) return;
  throw invalidEndpoint(`There are ${count} endpoints already, and a tenant may have ${tenantLimits.endpoints}.`);
}

/** Examples are tried up to this number. */
const mostSamples = 50;

function checkLogic({ eventTypes }: EndpointStoreDeps, patterns: readonly string[], policy: EndpointPolicy): void {
  const { filter, transform } = policy;
  if (filter === undefined && transform === undefined) return;
  const samples = [...(eventTypes?.().byName ?? [])]
    .filter(([type]) => patternsTake(patterns, type))
    .slice(0, mostSamples)
    .map(([type, { example }]) => ({ type, timestamp: '2026-01-01T00:00:00.000Z', tenant: null, data: example }));
  const faultyFilter = filter === undefined ? undefined : filterFault(filter, samples);
  if (faultyFilter !== undefined) throw invalidEndpoint(`The filter cannot be used. ${faultyFilter}`);
  const faulty = transform === undefined ? undefined : transformFault(transform, samples);
  if (faulty !== undefined) throw invalidEndpoint(`The transformation cannot be used. ${faulty}`);
}

function checkClientCertificate({ certificate, key, authority }: TlsIdentity): void {
  const read = <Value>(what: string, parse: () => Value): Value => {
    try {
      return parse();
    } catch (error) {
      throw invalidEndpoint(`The ${what} of the client certificate is no PEM text that can be read.`, error);
    }
  };
  const own = read('certificate', () => new X509Certificate(certificate));
  const privateKey = read('key', () => createPrivateKey(key));
  if (authority !== null) read('authority', () => new X509Certificate(authority));
  if (!own.checkPrivateKey(privateKey)) throw invalidEndpoint('The key is not that of the client certificate.');
}

function invalidEndpoint(message: string, cause?: unknown): KaitError {
  return new KaitError('KAIT_ENDPOINT_INVALID', message, { cause });
}

function lowerNames<Value>(headers: Record<string, Value>): Record<string, Value> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

/** As RFC 7396 merges, one level deep. */
function merged<Values extends object>(
  before: Values,
  changes: { [Key in keyof Values]?: Values[Key] | null } | undefined,
): Values {
  const entries = Object.entries({ ...before, ...changes }).filter(
    ([, value]) => value !== null && value !== undefined,
  );
  return Object.fromEntries(entries) as Values;
}

function checkPatterns(patterns: readonly string[]): void {
  if (patterns.length === 0) {
    throw new KaitError('KAIT_ENDPOINT_PATTERN_INVALID', 'Expected at least one event type pattern, such as order.*');
  }
  const wrong = patterns.find((pattern) => !isEventPattern(pattern));
  if (wrong !== undefined) {
    const message = `Expected an event type pattern such as order.created, order.* or *, got ${JSON.stringify(wrong)}`;
    throw new KaitError('KAIT_ENDPOINT_PATTERN_INVALID', message);
  }
}
