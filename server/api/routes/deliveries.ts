import { z } from 'zod';
import { listDeliveries } from '../../deliveries/list-deliveries.ts';
import { retryDelivery } from '../../deliveries/retry-delivery.ts';
import { findDelivery } from '../../deliveries/show-delivery.ts';
import type { ApiDeps } from '../api-deps.ts';
import { readPage } from '../cursors.ts';
import { addRoute, type Api } from '../define-route.ts';
import * as fields from '../fields.ts';
import { notForTenants, notFound } from '../problem.ts';
import { actorOf } from '../scopes.ts';

const state = z.enum(fields.deliveryStates).describe(`one of ${fields.deliveryStates.join(', ')}`);
const parkedBecause = z
  .enum(fields.parkedBecause)
  .nullable()
  .describe('What a parked one waits for. Null: it is not parked.');

/** What lists and a single delivery show. */
const common = {
  id: z.string(),
  messageId: z.string().describe('The webhook-id.'),
  type: z.string(),
  endpoint: z.string(),
  url: z.string(),
  state,
  parkedBecause,
  attempts: z.int().describe('Requests so far, also of earlier rounds.'),
  lastStatus: z.int().nullable(),
  lastError: z.string().nullable(),
  createdAt: fields.instant,
  run: z
    .string()
    .nullable()
    .describe('The run that emitted it, or the one above that. Null for a tenant, and for what Kait sends itself.'),
  orderId: z.string().nullable().describe('The order that the run is about. Null for a tenant.'),
};
const delivery = z.object(common).meta({ id: 'Delivery' });

const shownDelivery = z
  .object({
    ...common,
    tenant: z.string().nullable(),
    orderKey: z.string().nullable().describe('Deliveries of the endpoint with the same key are made in order.'),
    inDoubt: z.int().describe('Requests of this round whose outcome nobody knows.'),
    replays: z.int().describe('How often somebody had it sent again.'),
    attemptingSince: fields.instant.nullable().describe('When the request under way began.'),
    nextAttemptAt: fields.instant.nullable().describe('Null: none is due, or one is under way.'),
    startedAt: fields.instant.nullable().describe('When Temporal took it over.'),
    endedAt: fields.instant.nullable(),
    answer: z
      .object({
        until: fields.instant.describe('Until then, an answer on the callback URL counts.'),
        by: z.string().nullable().describe('The endpoint that has answered. Null: none has.'),
        at: fields.instant.nullable().describe('When it answered, or, without `by`, when the run stopped waiting.'),
      })
      .nullable()
      .describe('Null: the run does not wait for an answer.'),
    activityId: z
      .string()
      .nullable()
      .describe('The id of the activity in Temporal, which exists once it has started. Null for a tenant.'),
    webUi: z
      .string()
      .nullable()
      .describe("The activity in Temporal's Web UI, if it has started and the address is known. Null for a tenant."),
    requests: z
      .array(
        z.object({
          number: z.int(),
          at: fields.instant,
          durationMs: z.int().nullable().describe('Null: the outcome is unknown.'),
          status: z.int().nullable(),
          error: z.string().nullable(),
          timings: fields.attemptTimings.nullable(),
          headers: z.record(z.string(), z.string()).nullable().describe('The headers of the answer.'),
          body: z.string().nullable().describe('The first 16 KiB of the answer. Null: none, or no longer kept.'),
        }),
      )
      .describe('The newest 50, the oldest first. Secrets are masked.'),
  })
  .meta({ id: 'ShownDelivery' });

/** Which deliveries, in the query of a list. */
const filter = {
  state: fields.optional(state),
  endpoint: fields.optional(fields.text(100)),
  type: fields.optional(fields.webhookType),
  order: fields.optional(fields.text(255)),
  run: fields.optional(fields.workflowId),
  since: fields.optional(fields.instantGiven),
  until: fields.optional(fields.instantGiven),
};

const params = z.strictObject({ delivery: fields.text(100) });

export function addDeliveryRoutes(
  api: Api,
  { database, installation, webUiOfActivity }: Pick<ApiDeps, 'database' | 'installation' | 'webUiOfActivity'>,
): void {
  addRoute(api, {
    method: 'get',
    path: '/deliveries',
    scope: 'read',
    tenant: true,
    summary: 'The deliveries of outbound webhooks, newest first',
    description: '`since` and `until` are about when the webhook was emitted; `until` itself is not included.',
    query: fields.pageQuery(filter),
    answer: fields.pageOf(delivery),
    handle: ({ query, caller: { tenant } }) =>
      readPage(
        installation,
        { list: 'deliveries', query: { ...query, ...(tenant !== null && { tenant }) } },
        (page) => {
          const { state, ...rest } = query;
          if (tenant !== null && (rest.run ?? rest.order) !== undefined) {
            throw notForTenants('Runs and orders are for operators. Filter by endpoint, type, state and time.');
          }
          return listDeliveries(database, {
            ...rest,
            ...page,
            tenant,
            states: state === undefined ? undefined : [state],
          });
        },
      ),
  });
  addRoute(api, {
    method: 'get',
    path: '/deliveries/{delivery}',
    scope: 'read',
    tenant: true,
    summary: 'A delivery with its requests and what was answered',
    params,
    answer: shownDelivery,
    async handle({ params, caller: { tenant } }) {
      const found = await findDelivery(database, params.delivery, { installation: installation.id, tenant });
      if (found === undefined) throw notFound('There is no such delivery.');
      const { activityId, startedAt } = found;
      return { ...found, webUi: activityId === null || startedAt === null ? null : webUiOfActivity(activityId) };
    },
  });
  addRoute(api, {
    method: 'post',
    path: '/deliveries/{delivery}/retry',
    scope: 'operate',
    tenant: true,
    summary: 'Send a delivery again that has ended or is parked',
    description:
      'It begins a new round of the retry schedule, with the same `webhook-id`, to the URL that its endpoint has now. If nothing may be sent to the endpoint now, the delivery is parked until then.',
    params,
    body: z.strictObject({
      again: z.boolean().default(false).describe('true or false').meta({ title: 'Also if it was delivered.' }),
      by: fields.by,
    }),
    answer: z.object({
      retried: z.boolean(),
      why: z
        .enum(['unknown', 'under-way', 'delivered', 'no-endpoint', 'not-kept'])
        .nullable()
        .describe('Why not. `not-kept`: it forwards a request whose body is no longer kept.'),
      parkedBecause,
    }),
    async handle({ params, body: { again, by }, caller }) {
      const how = { again, tenant: caller.tenant, at: new Date(), actor: actorOf(caller, by) };
      const sent = await retryDelivery(database, params.delivery, how);
      return {
        retried: sent.why === null,
        why: sent.why,
        parkedBecause: sent.why === null ? sent.parkedBecause : null,
      };
    },
  });
}
