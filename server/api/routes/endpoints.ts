import { z } from 'zod';
import { policyFields } from '../../../language/endpoint-policy.ts';
import type { ApiDeps } from '../api-deps.ts';
import { addRoute, type Api } from '../define-route.ts';
import * as fields from '../fields.ts';
import { notFound } from '../problem.ts';

const endpoint = z
  .object({
    id: z.string(),
    url: z.string(),
    patterns: z.array(z.string()),
    version: z.int().describe('Counts the changes.'),
    description: z.string(),
    tenant: z.string().nullable().describe('Whose it is. Null: the operator’s own.'),
    policy: z.object(policyFields),
    credentials: z
      .object({
        headers: z.array(z.string()),
        auth: z.enum(['basic', 'bearer', 'oauth2']).nullable(),
        clientCertificate: z.boolean(),
        signing: z.array(z.object({ key: z.enum(['v1', 'v1a']), until: fields.instant.nullable() })),
        publicKey: z.string().nullable(),
      })
      .nullable()
      .describe('Null: the server lacks the key that opens them.'),
    state: z.enum(['enabled', 'paused', 'disabled']),
    disabledReason: z.string().nullable(),
    failingSince: fields.instant.nullable().describe('Since when every attempt has failed.'),
    openUntil: fields.instant.nullable().describe('No request is sent until then, because too many failed.'),
    createdAt: fields.instant,
  })
  .meta({ id: 'Endpoint' });

export function addEndpointRoutes(api: Api, { endpoints }: Pick<ApiDeps, 'endpoints'>): void {
  addRoute(api, {
    method: 'get',
    path: '/endpoints',
    scope: 'read',
    summary: 'Where outbound webhooks go, oldest first',
    answer: fields.pageOf(endpoint),
    handle: async () => ({ items: await endpoints.list(), next: null }),
  });
  addRoute(api, {
    method: 'post',
    path: '/endpoints',
    scope: 'admin',
    summary: 'Subscribe a URL to outbound webhooks',
    body: z.strictObject({
      url: fields.text(2_000),
      patterns: z.array(fields.text(200)).min(1).max(50).describe('a list of 1 to 50 event type patterns'),
    }),
    status: 201,
    answer: endpoint
      .extend({ secret: z.string().nullable().describe('For the receiver. Shown only once.') })
      .meta({ id: 'NewEndpoint' }),
    handle: ({ body }) => endpoints.add(body),
  });
  addRoute(api, {
    method: 'delete',
    path: '/endpoints/{endpoint}',
    scope: 'admin',
    summary: 'Remove an endpoint; its unfinished deliveries are canceled',
    params: z.strictObject({ endpoint: fields.text(100) }),
    answer: null,
    async handle({ params }) {
      if (!(await endpoints.remove(params.endpoint))) throw notFound('There is no such endpoint.');
      return undefined;
    },
  });
}
