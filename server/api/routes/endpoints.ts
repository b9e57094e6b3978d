import { z } from 'zod';
import type { ApiDeps } from '../api-deps.ts';
import { addRoute, type Api } from '../define-route.ts';
import * as fields from '../fields.ts';
import { notFound } from '../problem.ts';

const endpoint = z
  .object({
    id: z.string(),
    url: z.string(),
    patterns: z.array(z.string()),
    state: z.enum(['enabled', 'disabled']),
    disabledReason: z.string().nullable(),
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
      .extend({ secret: z.string().describe('For the receiver. Shown only once.') })
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
