import { z } from 'zod';
import type { DeliveryState } from '../../../storage/schema.ts';
import { listDeliveries } from '../../records.ts';
import { retryDelivery } from '../../retry-delivery.ts';
import type { ApiDeps } from '../api-deps.ts';
import { readPage } from '../cursors.ts';
import { addRoute, type Api } from '../define-route.ts';
import * as fields from '../fields.ts';

export const deliveryStates = [
  'pending',
  'started',
  'parked',
  'delivered',
  'exhausted',
  'refused',
] as const satisfies DeliveryState[];
const state = z.enum(deliveryStates).describe(`one of ${deliveryStates.join(', ')}`);

const delivery = z
  .object({
    id: z.string(),
    messageId: z.string(),
    type: z.string(),
    url: z.string(),
    state,
    attempts: z.int(),
    lastStatus: z.int().nullable(),
    lastError: z.string().nullable(),
    createdAt: fields.instant,
    run: z.string().nullable().describe('The run that emitted it, or the one above that. Null for a tenant.'),
    orderId: z.string().nullable().describe('Of the event that the run is about. Null for a tenant.'),
  })
  .meta({ id: 'Delivery' });

export function addDeliveryRoutes(api: Api, deps: Pick<ApiDeps, 'database' | 'installation'>): void {
  addRoute(api, {
    method: 'get',
    path: '/deliveries',
    scope: 'read',
    tenant: true,
    summary: 'The deliveries of outbound webhooks, newest first',
    query: fields.pageQuery({ state: fields.optional(state) }),
    answer: fields.pageOf(delivery),
    handle: ({ query, caller: { tenant } }) =>
      readPage(
        deps.installation,
        { list: 'deliveries', query: { ...query, ...(tenant !== null && { tenant }) } },
        (page) => listDeliveries(deps.database, { ...page, state: query.state, tenant }),
      ),
  });
  addRoute(api, {
    method: 'post',
    path: '/deliveries/{delivery}/retry',
    scope: 'operate',
    tenant: true,
    summary: 'Try a refused delivery again, after its cause was removed',
    params: z.strictObject({ delivery: fields.text(100) }),
    answer: z.object({
      retried: z.boolean(),
      why: z.enum(['unknown', 'not-refused', 'not-kept']).nullable().describe('Why not.'),
    }),
    handle: ({ params, caller }) => retryDelivery(deps.database, params.delivery, caller.tenant),
  });
}
