import { and, desc, eq, gte, lt, notInArray } from 'drizzle-orm';
import { z } from 'zod';
import { audit, auditedActions } from '../../../storage/schema.ts';
import type { ApiDeps } from '../api-deps.ts';
import { readPage } from '../cursors.ts';
import { addRoute, type Api } from '../define-route.ts';
import * as fields from '../fields.ts';
import { isAllowed } from '../scopes.ts';

const entry = z
  .object({
    at: fields.instant,
    actor: z
      .string()
      .describe('The person or the API key, and on whose behalf it acted. `nobody`: whoever could not log in.'),
    action: z.enum(auditedActions),
    target: z.string().describe('What it was done to: a workflow id, an event, an endpoint, a key, a session.'),
    reason: z.string(),
    step: z.string().nullable().describe('The step of the run that it was about.'),
    via: z.enum(['api', 'cli', 'temporal']).nullable().describe('How a command reached its run.'),
    digest: z
      .string()
      .nullable()
      .describe('SHA-256 of what was given, such as the result of a step. The value itself is not here.'),
  })
  .meta({ id: 'AuditEntry' });

/** They have the addresses of people. */
const aboutPeople = ['log-in', 'log-out', 'fail-log-in', 'end-session'] as const;

export function addAuditRoutes(api: Api, { database, installation }: Pick<ApiDeps, 'database' | 'installation'>): void {
  addRoute(api, {
    method: 'get',
    path: '/audit',
    scope: 'read',
    summary: 'Who did what, newest first',
    description:
      'Nothing in it is a secret or a body. Who logged in, and from where, is shown only to keys with the scope `admin`.',
    query: fields.pageQuery({
      actor: fields.optional(fields.text(500)),
      action: fields.optional(z.enum(auditedActions).describe(`one of ${auditedActions.join(', ')}`)),
      target: fields.optional(fields.text(2_000)),
      since: fields.optional(fields.instantGiven),
      until: fields.optional(fields.instantGiven),
    }),
    answer: fields.pageOf(entry),
    handle: ({ query, caller }) =>
      readPage(installation, { list: `audit for ${caller.scope}`, query }, async ({ after = null, limit }) => {
        const { actor, action, target, since, until } = query;
        const rows = await database.orm
          .select()
          .from(audit)
          .where(
            and(
              isAllowed(caller, 'admin') ? undefined : notInArray(audit.action, [...aboutPeople]),
              actor === undefined ? undefined : eq(audit.actor, actor),
              action === undefined ? undefined : eq(audit.action, action),
              target === undefined ? undefined : eq(audit.target, target),
              since === undefined ? undefined : gte(audit.at, new Date(since)),
              until === undefined ? undefined : lt(audit.at, new Date(until)),
              after === null ? undefined : lt(audit.id, Number(after[0])),
            ),
          )
          .orderBy(desc(audit.id))
          .limit(limit);
        return rows.map(({ id, at, actor: by, action: what, target: whose, reason, step, via, digest }) => ({
          ...{ at, actor: by, action: what, target: whose, reason, step, via, digest, place: [id] },
        }));
      }),
  });
}
