import { z } from 'zod';
import { listSets } from '../../publish/published-sets.ts';
import type { ApiDeps } from '../api-deps.ts';
import { readPage } from '../cursors.ts';
import { addRoute, type Api } from '../define-route.ts';
import * as fields from '../fields.ts';
import { actorOf } from '../scopes.ts';

const publishedSet = z
  .object({
    id: z.int(),
    hash: z.string(),
    author: z.string(),
    note: z.string(),
    publishedAt: fields.instant,
    activeAt: fields.instant
      .nullable()
      .describe('Since when it may be served. Null: not yet, or a newer one came before.'),
  })
  .meta({ id: 'PublishedSet' });

/** An activity that a set was made for. */
const setActivity = z.strictObject({
  name: fields.text(200),
  kind: z.enum(['database', 'network', 'external']),
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  input: z.unknown(),
  output: z.unknown(),
});

const publishBody = z.strictObject({
  files: fields.optional(z.record(z.string(), z.string()).describe('an object of texts by the paths of their files')),
  activities: fields.optional(
    z
      .array(setActivity)
      .max(500)
      .describe('a list of at most 500 activities with name, kind, digest, input and output'),
  ),
  rollback: fields.optional(fields.rowNumber.describe('the id of a published set')),
  by: fields.by,
  note: fields.words(500),
  force: z.boolean().default(false).describe('true or false'),
});

export function addPublishedRoutes(
  api: Api,
  deps: Pick<ApiDeps, 'database' | 'installation' | 'publish' | 'log'>,
): void {
  addRoute(api, {
    method: 'get',
    path: '/published',
    scope: 'read',
    summary: 'The sets of definitions that were published, newest first',
    query: fields.pageQuery({}),
    answer: fields.pageOf(publishedSet),
    handle: ({ query }) =>
      readPage(deps.installation, { list: 'published', query }, (page) => listSets(deps.database, page)),
  });
  addRoute(api, {
    method: 'post',
    path: '/published',
    scope: 'admin',
    summary: 'Publish a set of definitions, or an earlier one again',
    body: publishBody,
    bodyLimit: 8 * 2 ** 20,
    answer: z.object({ published: z.boolean(), set: publishedSet.nullable(), problems: z.array(z.string()) }),
    async handle({ body: { by, ...request }, caller }) {
      const author = actorOf(caller, by);
      const answer = await deps.publish({ ...request, author });
      if (answer.published) {
        deps.log.warn({ set: answer.set?.id, author, note: request.note }, 'a set of definitions was published');
      }
      return answer;
    },
  });
}
