import { z } from 'zod';
import { countRejections, listRejections, recentRejections } from '../../records.ts';
import { hintFor } from '../../receiver/rejection-hints.ts';
import type { ApiDeps } from '../api-deps.ts';
import { readPage } from '../cursors.ts';
import { addRoute, type Api } from '../define-route.ts';
import * as fields from '../fields.ts';

const sample = z
  .object({
    at: fields.instant,
    source: z.string(),
    reason: z.string(),
    status: z.int().describe('The status of the answer. 0: there was no answer.'),
    address: z.string(),
    bytes: z.int(),
    headerNames: z.array(z.string()),
  })
  .meta({ id: 'Rejection' });

const rejections = fields
  .pageOf(sample)
  .extend({
    lastHour: z
      .array(z.object({ source: z.string(), reason: z.string(), samples: z.int(), lastAt: fields.instant.nullable() }))
      .describe('Those of the last hour, the latest first. Each server samples at most 20 for a source and reason.'),
    counts: z
      .array(
        z.object({
          ...{ source: z.string(), reason: z.string(), count: z.int(), lastDay: z.string().nullable() },
          hint: z.string().describe('What the reason means, and what to do.'),
        }),
      )
      .describe('Counts of the last seven days, highest first.'),
    secretFaults: z
      .array(z.object({ source: z.string(), variable: z.string(), fault: z.string() }))
      .describe('Secrets that look as if they were copied wrongly.'),
  })
  .meta({ id: 'Rejections' });

export function addRejectionRoutes(api: Api, deps: Pick<ApiDeps, 'database' | 'installation' | 'secretFaults'>): void {
  addRoute(api, {
    method: 'get',
    path: '/rejections',
    scope: 'read',
    summary: 'The requests that were not accepted: how many, and samples, newest first',
    query: fields.pageQuery({
      source: fields.optional(fields.sourceName),
      reason: fields.optional(fields.text(100)),
    }),
    answer: rejections,
    async handle({ query }) {
      const { source, reason } = query;
      const page = await readPage(deps.installation, { list: 'rejections', query }, (page) =>
        listRejections(deps.database, { ...page, source, reason }),
      );
      return {
        ...page,
        lastHour: await recentRejections(deps.database, { source, reason }),
        counts: (await countRejections(deps.database, { source, reason })).map((each) => ({
          ...each,
          hint: hintFor(each.reason),
        })),
        secretFaults: deps
          .secretFaults()
          .filter((each) => source === undefined || each.source === source)
          .map((each) => ({ source: each.source, variable: each.variable, fault: each.fault })),
      };
    },
  });
}
