import { z } from 'zod';
import { hintFor } from '../../receiver/rejection-hints.ts';
import { find } from '../../search/find.ts';
import type { ApiDeps } from '../api-deps.ts';
import { addRoute, type Api } from '../define-route.ts';
import * as fields from '../fields.ts';

const money = { orderId: z.string().nullable(), currency: z.string().nullable(), amount: z.int().nullable() };
const run = z.string().describe('The run that it comes from, or the one above that.');

const found = z
  .object({
    events: z.array(
      z.object({
        ...{ source: z.string(), eventId: z.string(), type: z.string(), state: fields.eventState },
        ...{ receivedAt: fields.instant, ...money, lastError: z.string().nullable() },
        paymentId: z.string().nullable().describe("The gateway's id of the payment."),
        refund: z
          .object({
            ...{ id: z.string().nullable(), currency: z.string().nullable(), reason: z.string().nullable() },
            amount: z.int().nullable().describe('Minor units.'),
            totalRefunded: z
              .int()
              .nullable()
              .describe('What all refunds of the payment give back so far, in minor units.'),
            full: z.boolean().nullable().describe('Whether nothing of the payment is left.'),
          })
          .nullable()
          .describe('What it gives back, if it is about a refund.'),
        duplicates: z.int().describe('How often the gateway sent it again.'),
        redeliveries: z
          .array(
            z.object({
              at: fields.instant,
              times: z.int().describe('How often at once.'),
              sender: z.string().nullable().describe('The network that sent it, if it is known.'),
            }),
          )
          .describe('When it was sent again: the first twenty times of the last 30 days.'),
      }),
    ),
    rejections: z
      .array(
        z.object({
          ...{ at: fields.instant, source: z.string(), reason: z.string(), hint: z.string() },
          ...{ status: z.int(), address: z.string(), bytes: z.int() },
        }),
      )
      .describe(
        'Sampled requests that were rejected, and said that they were about one of the events or about the text. None is known to be genuine.',
      ),
    runs: z.array(
      z.object({
        ...{ workflowId: z.string(), definition: z.string(), startedAt: fields.instant.nullable() },
        because: z
          .enum(['started-by', 'was-given'])
          .describe('Whether one of the events has started it, or it waited for one.'),
      }),
    ),
    approvals: z.array(
      z.object({
        ...{ workflowId: z.string(), step: z.string(), question: z.string(), state: z.string() },
        openedAt: fields.instant,
      }),
    ),
    deliveries: z.array(
      z.object({
        ...{ id: z.string(), messageId: z.string(), type: z.string(), url: z.string(), state: z.string() },
        ...{ attempts: z.int(), lastError: z.string().nullable(), createdAt: fields.instant, run },
      }),
    ),
    mails: z.array(
      z.object({
        ...{ id: z.string(), recipient: z.string(), subject: z.string(), state: z.string() },
        ...{ createdAt: fields.instant, run },
      }),
    ),
    more: z
      .array(z.enum(['events', 'rejections', 'runs', 'approvals', 'deliveries', 'mails']))
      .describe('The lists that have more than is shown.'),
  })
  .meta({ id: 'Found' });

export function addFindRoutes(api: Api, { database }: Pick<ApiDeps, 'database'>): void {
  addRoute(api, {
    method: 'get',
    path: '/find',
    scope: 'read',
    summary: 'What mentions an order, a customer, an amount or an id',
    description:
      'Finds an order number, an e-mail address, the id of a payment, event, run, message, delivery or mail, or an amount with its currency. Exact: a part of it finds nothing.',
    query: z.strictObject({ text: fields.text(1_000) }),
    answer: found,
    async handle({ query }) {
      const all = await find(database, query.text);
      return { ...all, rejections: all.rejections.map((each) => ({ ...each, hint: hintFor(each.reason) })) };
    },
  });
}
