import { z } from 'zod';
import { findRun, listRuns, type RunRow } from '../../search/list-runs.ts';
import type { ApiDeps } from '../api-deps.ts';
import { readPage } from '../cursors.ts';
import { factQuery, factsOfQuery } from '../fact-query.ts';
import { addRoute, type Api } from '../define-route.ts';
import * as fields from '../fields.ts';
import { notFound } from '../problem.ts';

const run = z
  .object({
    workflowId: z.string(),
    definition: z.string(),
    definitionHash: z.string(),
    source: z.string(),
    eventId: z.string(),
    eventType: z.string(),
    entity: z.string().nullable(),
    orderId: z.string().nullable().describe("The merchant's reference."),
    currency: z.string().nullable(),
    amount: z.int().nullable().describe('Minor units.'),
    startedAt: fields.instant,
    status: z.string().describe("Temporal's: `Running`, `Completed`, `Failed`. `Unknown`: Temporal did not say."),
  })
  .meta({ id: 'Run' });

type Deps = Pick<ApiDeps, 'database' | 'installation' | 'runStatus'>;

export function addRunRoutes(api: Api, deps: Deps): void {
  const { database, installation } = deps;
  addRoute(api, {
    method: 'get',
    path: '/runs',
    scope: 'read',
    summary: 'The runs, newest first',
    query: fields.pageQuery({
      definition: fields.optional(fields.definitionName),
      source: fields.optional(fields.sourceName),
      since: fields.optional(fields.instantGiven),
      ...factQuery,
    }),
    answer: fields.pageOf(run),
    async handle({ query }) {
      const page = await readPage(installation, { list: 'runs', query }, (page) =>
        listRuns(database, {
          ...page,
          ...factsOfQuery(query),
          definition: query.definition,
          source: query.source,
          since: query.since,
        }),
      );
      return { ...page, items: await Promise.all(page.items.map((row) => withStatus(row, deps))) };
    },
  });
  addRoute(api, {
    method: 'get',
    path: '/runs/{run}',
    scope: 'read',
    summary: 'A run',
    params: fields.runParams,
    answer: run,
    async handle({ params }) {
      const row = await findRun(database, params.run);
      if (row === undefined) throw notFound('There is no such run.');
      return withStatus(row, deps);
    },
  });
}

async function withStatus(row: RunRow, { runStatus }: Pick<Deps, 'runStatus'>) {
  const { startedAt } = row;
  if (startedAt === null) throw new TypeError('A run was listed that has not started');
  return { ...row, startedAt, status: (await runStatus(row.workflowId)) ?? 'Unknown' };
}
