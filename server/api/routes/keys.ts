import { z } from 'zod';
import type { ApiDeps } from '../api-deps.ts';
import { adminTokenName } from '../authenticate.ts';
import { readPage } from '../cursors.ts';
import { addRoute, type Api } from '../define-route.ts';
import * as fields from '../fields.ts';
import { addApiKey, listApiKeys, revokeApiKey } from '../keys/api-keys.ts';
import { ApiProblem, notFound } from '../problem.ts';
import { actorOf, scopes } from '../scopes.ts';

const apiKey = z
  .object({
    id: z.string(),
    name: z.string(),
    scope: z.enum(scopes),
    createdAt: fields.instant,
    createdBy: z.string(),
    expiresAt: fields.instant.nullable().describe('Null: it does not expire.'),
    revokedAt: fields.instant.nullable(),
    lastUsedAt: fields.instant.nullable().describe('To some minutes.'),
  })
  .meta({ id: 'ApiKey' });

const keyName = z
  .string()
  .regex(/^[A-Za-z0-9](?:[A-Za-z0-9 ._@-]{0,62}[A-Za-z0-9])?$/)
  .describe(
    '1 to 64 letters, digits, blanks, dots, hyphens, underscores or @, beginning and ending with a letter or digit',
  );

const longestYears = 10;

export function addKeyRoutes(
  api: Api,
  { database, installation, forgetKey, log }: Pick<ApiDeps, 'database' | 'installation' | 'forgetKey' | 'log'>,
): void {
  addRoute(api, {
    method: 'get',
    path: '/keys',
    scope: 'admin',
    summary: 'The keys of this API, newest first, without their secrets',
    query: fields.pageQuery({}),
    answer: fields.pageOf(apiKey),
    handle: ({ query }) => readPage(installation, { list: 'keys', query }, (page) => listApiKeys(database, page)),
  });
  addRoute(api, {
    method: 'post',
    path: '/keys',
    scope: 'admin',
    summary: 'Make a key',
    body: z.strictObject({
      name: keyName,
      scope: z.enum(scopes).describe(`one of ${scopes.join(', ')}`),
      expiresAt: fields.optional(fields.instantGiven),
      by: fields.by,
    }),
    status: 201,
    answer: apiKey.extend({ secret: z.string().describe('Shown only once.') }).meta({ id: 'NewApiKey' }),
    problems: [409],
    async handle({ body: { name, scope, expiresAt, by }, caller }) {
      const actor = actorOf(caller, by);
      const until = expiresAt === undefined ? null : checkExpiry(new Date(expiresAt));
      const added =
        name.toLowerCase() === adminTokenName
          ? null
          : await addApiKey(database, { name, scope, expiresAt: until, actor });
      if (added === null) throw new ApiProblem(409, 'name-taken', `There is a key "${name}" already.`);
      log.warn({ key: added.key.id, name, scope, actor }, 'an API key was made');
      return { ...added.key, secret: added.secret };
    },
  });
  addRoute(api, {
    method: 'delete',
    path: '/keys/{key}',
    scope: 'admin',
    summary: 'Revoke a key',
    description: 'All servers refuse it within seconds. Safe to repeat.',
    params: z.strictObject({ key: fields.text(100) }),
    answer: null,
    async handle({ params: { key }, caller }) {
      const actor = actorOf(caller, undefined);
      if (!(await revokeApiKey(database, { id: key, actor }))) throw notFound('There is no such key.');
      forgetKey(key);
      log.warn({ key, actor }, 'an API key was revoked');
      return undefined;
    },
  });
}

function checkExpiry(until: Date): Date {
  const latest = new Date();
  latest.setFullYear(latest.getFullYear() + longestYears);
  if (until.getTime() > Date.now() && until < latest) return until;
  const detail = `expiresAt must be in the future, and within ${longestYears} years.`;
  throw new ApiProblem(400, 'invalid-request', detail, { errors: [{ detail, pointer: '#/expiresAt' }] });
}
