import { z } from 'zod';
import type { Endpoint, EndpointChanges, EndpointRequest } from '../../../activities/outbound/endpoints.ts';
import { headerName, policyFields } from '../../../language/endpoint-policy.ts';
import { tenantForm, tenantPattern } from '../../../language/tenant.ts';
import { parseDuration } from '../../../language/time.ts';
import { endpointHealth, endpointPulses } from '../../deliveries/endpoint-health.ts';
import { testEndpoint } from '../../test-endpoint.ts';
import type { ApiDeps } from '../api-deps.ts';
import { readPage } from '../cursors.ts';
import { addRoute, type Api } from '../define-route.ts';
import { changedMeanwhile } from '../etag.ts';
import * as fields from '../fields.ts';
import { ApiProblem, notForTenants, notFound } from '../problem.ts';
import { actorOf, type Caller } from '../scopes.ts';

const states = ['enabled', 'paused', 'disabled'] as const;
const state = z.enum(states).describe(`one of ${states.join(', ')}`);
const tenant = z.string().regex(tenantPattern).describe(tenantForm);
const description = z
  .string()
  .max(500)
  .regex(/^[^\p{Cc}\p{Cs}]*$/u)
  .describe('a text of at most 500 characters without control characters');
const patterns = z.array(fields.text(200)).min(1).max(50).describe('a list of 1 to 50 event type patterns');

/** What nobody gets back, and no message repeats. */
function secret<Schema extends z.ZodType>(schema: Schema, expected: string): Schema {
  return schema.meta({ description: expected, writeOnly: true });
}

const pem = z.string().min(1).max(20_000);
const headers = secret(
  z
    .record(
      headerName,
      z
        .string()
        .max(4_000)
        .regex(/^(?:[\x21-\x7e](?:[\x20-\x7e\t]*[\x21-\x7e])?)?$/)
        .nullable(),
    )
    .refine((given) => Object.keys(given).length <= 20)
    .optional(),
  'an object of at most 20 headers, such as {"x-api-key": "…"}; null removes one',
);
const shown = z.string().min(1).max(2_000);
const auth = secret(
  z
    .discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('basic'), username: shown.regex(/^[^:]*$/), password: shown }),
      z.strictObject({ kind: z.literal('bearer'), token: shown.regex(/^[\x21-\x7e]+$/) }),
      z.strictObject({
        kind: z.literal('oauth2'),
        tokenUrl: fields.text(2_000),
        clientId: shown,
        clientSecret: shown,
        scope: shown.nullable().default(null),
        audience: shown.nullable().default(null),
        method: z.enum(['client_secret_basic', 'client_secret_post']).default('client_secret_basic'),
      }),
    ])
    .nullable()
    .optional(),
  'null, {"kind": "basic", "username", "password"}, {"kind": "bearer", "token"} or {"kind": "oauth2", "tokenUrl", "clientId", "clientSecret"}',
);
const clientCertificate = secret(
  z
    .strictObject({ certificate: pem, key: pem, authority: pem.nullable().default(null) })
    .nullable()
    .optional(),
  'null, or {"certificate", "key", "authority"} in PEM, the last one only if the receiver’s own is from a private authority',
);
const signingSecret = secret(z.string().max(200).optional(), 'a signing secret that the receiver has already');

/** The parts of the policy as they are given and shown. Null: the default. */
const policyShown = {
  filter: orDefault(policyFields.filter, 'none'),
  transform: orDefault(policyFields.transform, 'none'),
  timeLimit: orDefault(policyFields.timeLimit, '15s'),
  schedule: orDefault(policyFields.schedule, 'KAIT_OUTBOUND_SCHEDULE'),
  rate: orDefault(policyFields.rate, 'no limit'),
  concurrency: orDefault(policyFields.concurrency, '10'),
  ordering: orDefault(policyFields.ordering, '"none"'),
  signature: orDefault(policyFields.signature, '{"standard": ["v1"]}'),
  permanent: orDefault(policyFields.permanent, 'none'),
  disableAfter: orDefault(policyFields.disableAfter, '5d'),
};
const policyNames = Object.keys(policyShown) as (keyof typeof policyShown)[];

function orDefault<Schema extends z.ZodType>(field: z.ZodOptional<Schema>, whatElse: string) {
  const schema = field.unwrap();
  return schema.nullable().describe(`${schema.description ?? ''}; or null for the default, which is ${whatElse}`);
}

/** What POST takes, PATCH changes and GET shows. */
const common = { url: fields.text(2_000), patterns, description };
const given = {
  ...{ description: fields.optional(description), headers, auth, clientCertificate },
  filter: fields.optional(policyShown.filter),
  transform: fields.optional(policyShown.transform),
  timeLimit: fields.optional(policyShown.timeLimit),
  schedule: fields.optional(policyShown.schedule),
  rate: fields.optional(policyShown.rate),
  concurrency: fields.optional(policyShown.concurrency),
  ordering: fields.optional(policyShown.ordering),
  signature: fields.optional(policyShown.signature),
  permanent: fields.optional(policyShown.permanent),
  disableAfter: fields.optional(policyShown.disableAfter),
  by: fields.by,
};

const endpoint = z
  .object({
    id: z.string(),
    version: z.int().describe('Counts the changes. The ETag is made of it.'),
    ...common,
    tenant: z.string().nullable().describe('Whose it is. Null: the operator’s own.'),
    ...policyShown,
    credentials: z
      .object({
        headers: z.array(z.string()).describe('The names of the custom headers.'),
        auth: z.enum(['basic', 'bearer', 'oauth2']).nullable(),
        clientCertificate: z.boolean(),
        signing: z
          .array(z.object({ key: z.enum(['v1', 'v1a']), until: fields.instant.nullable() }))
          .describe('The kinds of the keys, the newest first. `until`: when a replaced one stops signing.'),
        publicKey: z.string().nullable().describe('What receivers verify `v1a` with.'),
      })
      .nullable()
      .describe('What may be told of them. Null: the server lacks the key that opens them.'),
    state: z.enum(states).describe('`paused`: by a person. `disabled`: by Kait. Deliveries are parked in both.'),
    disabledReason: z.string().nullable(),
    failingSince: fields.instant.nullable().describe('Since when every attempt has failed.'),
    openUntil: fields.instant.nullable().describe('No request is sent until then, because too many failed.'),
    createdAt: fields.instant,
  })
  .meta({ id: 'Endpoint' });
const withSecret = endpoint
  .extend({ secret: z.string().nullable().describe('A new one, for the receiver. Shown only once.') })
  .meta({ id: 'NewEndpoint' });

const listed = endpoint
  .extend({
    parked: z.int().describe('Deliveries that wait until it takes them. Counted up to 1,000.'),
    recent: z
      .array(z.object({ state: z.enum(fields.deliveryStates), at: fields.instant }))
      .describe('Its 20 newest deliveries, the oldest first.'),
  })
  .meta({ id: 'ListedEndpoint' });
const health = z
  .object({
    parked: z
      .array(z.object({ because: z.enum(fields.parkedBecause), count: z.int() }))
      .describe('Counted up to 1,000.'),
    hours: z
      .array(
        z.object({
          at: fields.instant.describe('The beginning of the hour (UTC).'),
          attempts: z.int(),
          failed: z.int().describe('Without an answer, or with one that is not 2xx.'),
          medianMs: z.int().nullable().describe('How long half of the attempts took at most.'),
          slowMs: z.int().nullable().describe('How long 95 percent of them took at most.'),
        }),
      )
      .describe('The hours with attempts, the oldest first.'),
    isSample: z.boolean().describe('Whether it has more deliveries than the 5,000 newest, which were looked at.'),
  })
  .meta({ id: 'EndpointHealth' });

const params = z.strictObject({ endpoint: fields.text(100) });
const dayMs = 24 * 60 * 60 * 1_000;
const onBehalf = z.strictObject({ by: fields.by });
const overlap = z
  .string()
  .refine((text) => isOverlap(text))
  .default('24h')
  .describe('a duration of at most 30d, such as 24h');
const longestOverlapMs = 30 * 24 * 60 * 60 * 1_000;

type Deps = Pick<ApiDeps, 'endpoints' | 'database' | 'installation' | 'newSecretsKey'>;

/** The endpoints of outbound webhooks. What is `writeOnly` is never shown again. */
export function addEndpointRoutes(api: Api, { endpoints, database, installation, newSecretsKey }: Deps): void {
  addRoute(api, {
    method: 'get',
    path: '/endpoints',
    scope: 'read',
    tenant: true,
    summary: 'Where outbound webhooks go, oldest first',
    query: fields.pageQuery({ tenant: fields.optional(tenant), state: fields.optional(state) }),
    answer: fields.pageOf(listed),
    handle: ({ query, caller }) =>
      readPage(installation, { list: 'endpoints', query: { ...query, ...ownOnly(caller) } }, async (page) => {
        const rows = await endpoints.list({ ...page, state: query.state, tenant: own(caller, query.tenant) });
        const pulses = await endpointPulses(
          database,
          rows.map(({ id }) => id),
        );
        return rows.map((row) => ({
          ...{ ...asShown(row), parked: 0, recent: [], ...pulses.get(row.id) },
          place: [row.createdAt.toISOString(), row.id],
        }));
      }),
  });
  addRoute(api, {
    method: 'post',
    path: '/endpoints',
    scope: 'admin',
    tenant: true,
    summary: 'Subscribe a URL to outbound webhooks',
    body: z.strictObject({
      url: common.url,
      patterns,
      tenant: fields.optional(tenant),
      secret: signingSecret,
      ...given,
    }),
    status: 201,
    hasVersion: true,
    answer: withSecret,
    async handle({ body: { by, tenant, secret, url, patterns, ...rest }, caller }) {
      const request = { ...{ url, patterns, secret }, ...asRequest(rest), tenant: own(caller, tenant) };
      const added = await endpoints.add(request, { actor: actorOf(caller, by), tenant: caller.tenant });
      return { ...asShown(added), secret: added.secret };
    },
  });
  addRoute(api, {
    method: 'get',
    path: '/endpoints/{endpoint}',
    scope: 'read',
    tenant: true,
    summary: 'An endpoint of outbound webhooks, with its ETag',
    params,
    hasVersion: true,
    answer: endpoint,
    handle: async ({ params, caller }) => asShown(known(await endpoints.get(params.endpoint, caller.tenant))),
  });
  addRoute(api, {
    method: 'get',
    path: '/endpoints/{endpoint}/health',
    scope: 'read',
    tenant: true,
    summary: 'How an endpoint has answered, by the hour, and what waits for it',
    params,
    query: z.strictObject({ days: fields.daysInQuery }),
    answer: health,
    async handle({ params, query, caller }) {
      const { id } = known(await endpoints.get(params.endpoint, caller.tenant));
      return endpointHealth(database, id, new Date(Date.now() - query.days * dayMs));
    },
  });
  addRoute(api, {
    method: 'patch',
    path: '/endpoints/{endpoint}',
    scope: 'admin',
    tenant: true,
    summary: 'Change an endpoint',
    description: 'What is absent stays. Null takes a value back to its default, and removes a header (RFC 7396).',
    params,
    body: z.strictObject({ url: fields.optional(common.url), patterns: fields.optional(patterns), ...given }),
    ifMatch: true,
    hasVersion: true,
    answer: withSecret,
    async handle({ params, body: { by, url, patterns, ...rest }, caller, version }) {
      const changes = { ...{ url, patterns }, ...asChanges(rest) };
      const options = { actor: actorOf(caller, by), tenant: caller.tenant, version };
      const edited = unlessChanged(await endpoints.edit(params.endpoint, changes, options));
      return { ...asShown(edited), secret: edited.secret };
    },
  });
  for (const [verb, to, summary] of [
    ['pause', 'paused', 'Send an endpoint nothing for now; its deliveries are parked'],
    ['resume', 'enabled', 'Send an endpoint its webhooks again, what is parked first'],
  ] as const) {
    addRoute(api, {
      method: 'post',
      path: `/endpoints/{endpoint}/${verb}`,
      scope: 'operate',
      tenant: true,
      summary,
      params,
      body: onBehalf,
      ifMatch: true,
      hasVersion: true,
      answer: endpoint,
      async handle({ params, body, caller, version }) {
        const options = { actor: actorOf(caller, body.by), tenant: caller.tenant, version };
        return asShown(unlessChanged(await endpoints.setState(params.endpoint, to, options)));
      },
    });
  }
  addRoute(api, {
    method: 'post',
    path: '/endpoints/{endpoint}/rotate',
    scope: 'admin',
    tenant: true,
    summary: 'Give an endpoint new signing keys; the old ones sign beside them for a while',
    params,
    body: z.strictObject({ overlap, secret: signingSecret, by: fields.by }),
    ifMatch: true,
    hasVersion: true,
    answer: withSecret,
    async handle({ params, body: { overlap, secret, by }, caller, version }) {
      const options = { overlapMs: parseDuration(overlap), secret, version };
      const whose = { actor: actorOf(caller, by), tenant: caller.tenant };
      const rotated = unlessChanged(await endpoints.rotate(params.endpoint, { ...options, ...whose }));
      return { ...asShown(rotated), secret: rotated.secret };
    },
  });
  addRoute(api, {
    method: 'post',
    path: '/endpoints/{endpoint}/test',
    scope: 'operate',
    tenant: true,
    summary: 'Send the message kait.test to an endpoint, and wait for what it answers',
    description: 'At most 25 seconds. It is sent once: a test is not repeated.',
    params,
    body: onBehalf,
    answer: z.object({
      delivery: z.string(),
      messageId: z.string(),
      state: z.enum(fields.deliveryStates),
      reason: z.string().nullable().describe('Why nothing was sent.'),
      attempt: z
        .object({
          status: z.int().nullable(),
          error: z.string().nullable(),
          durationMs: z.int().nullable(),
          timings: fields.attemptTimings.nullable(),
        })
        .nullable()
        .describe('Null: no worker has sent it yet.'),
    }),
    async handle({ params, body, caller }) {
      const to = known(await endpoints.get(params.endpoint, caller.tenant));
      if (to.state !== 'enabled') {
        throw new ApiProblem(409, 'not-enabled', `The endpoint is ${to.state}. Resume it first.`);
      }
      return testEndpoint(database, to, actorOf(caller, body.by));
    },
  });
  addRoute(api, {
    method: 'delete',
    path: '/endpoints/{endpoint}',
    scope: 'admin',
    tenant: true,
    summary: 'Remove an endpoint; its unfinished deliveries end as refused',
    params,
    ifMatch: true,
    answer: null,
    async handle({ params, caller, version }) {
      const options = { actor: actorOf(caller, undefined), tenant: caller.tenant, version };
      const removed = await endpoints.remove(params.endpoint, options);
      if (removed === 'conflict') throw changedMeanwhile('The endpoint');
      if (!removed) throw unknownEndpoint();
      return undefined;
    },
  });
  addRoute(api, {
    method: 'post',
    path: '/secrets/reseal',
    scope: 'admin',
    summary: 'Seal the secrets of all endpoints with the current key',
    description:
      'After a new key was put in front in KAIT_SECRETS_KEY. With `newKey`, a Kait that keeps its key in KAIT_HOME makes a new one before. Safe to repeat.',
    body: z.strictObject({ newKey: z.boolean().default(false).describe('true or false'), by: fields.by }),
    answer: z.object({
      resealed: z.int(),
      key: z.string().describe('The id of the current key.'),
      made: z.boolean().describe('Whether it is a new one.'),
    }),
    async handle({ body: { newKey, by }, caller }) {
      const actor = actorOf(caller, by);
      if (!newKey || newSecretsKey === null) return { ...(await endpoints.resealAll({ actor })), made: false };
      let resealed = 0;
      await newSecretsKey(async () => {
        resealed += (await endpoints.resealAll()).resealed;
      });
      const { key } = await endpoints.resealAll({ actor });
      return { resealed, key, made: true };
    },
  });
}

/** A tenant has only its own. */
function own(caller: Caller, given: string | undefined): string | undefined {
  if (caller.tenant === null || given === undefined || given === caller.tenant) return caller.tenant ?? given;
  throw notForTenants(`This portal link is for the tenant ${caller.tenant}.`);
}

/** A cursor belongs to the tenant that got it. */
function ownOnly({ tenant }: { tenant: string | null }): { tenant?: string } {
  return tenant === null ? {} : { tenant };
}

function known(found: Endpoint | undefined): Endpoint {
  if (found === undefined) throw unknownEndpoint();
  return found;
}

function unlessChanged<Changed extends Endpoint>(changed: Changed | 'conflict' | undefined): Changed {
  if (changed === undefined) throw unknownEndpoint();
  if (changed === 'conflict') throw changedMeanwhile('The endpoint');
  return changed;
}

function unknownEndpoint(): ApiProblem {
  return notFound('There is no such endpoint.');
}

type Given = Omit<z.output<z.ZodObject<typeof given>>, 'by'>;

function asChanges({ description, headers, auth, clientCertificate, ...policy }: Given): EndpointChanges {
  return { description, headers, auth, clientCertificate, policy };
}

function asRequest(given: Given): Omit<EndpointRequest, 'url' | 'patterns'> {
  const { headers = {}, auth, clientCertificate, policy = {}, description } = asChanges(given);
  return {
    description,
    headers: withoutNulls(headers) as Record<string, string>,
    auth: auth ?? undefined,
    clientCertificate: clientCertificate ?? undefined,
    policy: withoutNulls(policy),
  };
}

function withoutNulls(values: object): object {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null && value !== undefined));
}

function asShown({ policy, ...row }: Endpoint) {
  const { id, version, url, patterns, description, tenant, credentials, state } = row;
  const { disabledReason, failingSince, openUntil, createdAt } = row;
  const parts = Object.fromEntries(policyNames.map((name) => [name, policy[name] ?? null]));
  return {
    ...{ id, version, url, patterns, description, tenant, credentials, state },
    ...{ disabledReason, failingSince, openUntil, createdAt },
    ...(parts as { [Name in keyof typeof policyShown]: z.output<(typeof policyShown)[Name]> }),
  };
}

function isOverlap(text: string): boolean {
  try {
    return parseDuration(text) <= longestOverlapMs;
  } catch {
    return false;
  }
}
