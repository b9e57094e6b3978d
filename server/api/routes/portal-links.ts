import { z } from 'zod';
import { tenantForm, tenantPattern } from '../../../language/tenant.ts';
import { parseDuration } from '../../../language/time.ts';
import type { ApiDeps } from '../api-deps.ts';
import { addRoute, type Api } from '../define-route.ts';
import * as fields from '../fields.ts';
import { makePortalLink, revokePortalLinks } from '../portal/portal-links.ts';
import { actorOf } from '../scopes.ts';

const tenant = z.string().regex(tenantPattern).describe(tenantForm);
const longestMs = parseDuration('30d');
const expires = z
  .string()
  .refine((text) => isShortEnough(text))
  .default('1h')
  .describe('a duration of at most 30d, such as 1h');

/** Access for customers of the operator's to their own endpoints and deliveries. */
export function addPortalLinkRoutes(
  api: Api,
  {
    database,
    installation,
    forgetTenant,
    log,
    portal,
  }: Pick<ApiDeps, 'database' | 'installation' | 'forgetTenant' | 'log' | 'portal'>,
): void {
  addRoute(api, {
    method: 'get',
    path: '/portal',
    scope: 'read',
    tenant: true,
    summary: 'Whose portal this is, and how it looks',
    answer: z.object({
      tenant: z.string().nullable().describe('Null: the caller is no tenant.'),
      name: z.string(),
      accent: z.string().describe('A colour: `#3b4fd8`.'),
    }),
    handle: ({ caller: { tenant } }) => ({ tenant, name: portal.name, accent: portal.accent }),
  });
  addRoute(api, {
    method: 'post',
    path: '/portal-links',
    scope: 'admin',
    summary: 'Let a tenant manage its own endpoints for a while',
    description:
      'The token is a bearer for the routes of this API that say so. It reaches the endpoints and deliveries of this tenant, and nothing else.',
    body: z.strictObject({ tenant, expires, by: fields.by }),
    status: 201,
    answer: z.object({
      tenant: z.string(),
      token: z.string().describe('Shown only once.'),
      url: z.string().describe('The portal in a browser, with the token behind the `#`, which browsers do not send.'),
      expiresAt: fields.instant,
    }),
    async handle({ body: { tenant, expires, by }, caller }) {
      const actor = actorOf(caller, by);
      const expiresAt = new Date(Date.now() + parseDuration(expires));
      const token = await makePortalLink({ database, installation }, { tenant, expiresAt, actor });
      log.warn({ tenant, actor, expiresAt: expiresAt.toISOString() }, 'a portal link was made');
      return { tenant, token, url: `${portal.url()}#${token}`, expiresAt };
    },
  });
  addRoute(api, {
    method: 'delete',
    path: '/portal-links/{tenant}',
    scope: 'admin',
    summary: 'Revoke all portal links of a tenant',
    description: 'All servers refuse them within seconds. Safe to repeat.',
    params: z.strictObject({ tenant }),
    answer: null,
    async handle({ params: { tenant }, caller }) {
      const actor = actorOf(caller, undefined);
      await revokePortalLinks(database, { tenant, actor });
      forgetTenant(tenant);
      log.warn({ tenant, actor }, 'the portal links of a tenant were revoked');
      return undefined;
    },
  });
}

function isShortEnough(text: string): boolean {
  try {
    const durationMs = parseDuration(text);
    return durationMs > 0 && durationMs <= longestMs;
  } catch {
    return false;
  }
}
