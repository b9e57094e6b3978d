import { z } from 'zod';
import { factsOf, listSets, OutdatedSetError, readSet } from '../../publish/published-sets.ts';
import type { ApiDeps } from '../api-deps.ts';
import { readPage } from '../cursors.ts';
import { addRoute, type Api } from '../define-route.ts';
import * as fields from '../fields.ts';
import { ApiProblem, notFound } from '../problem.ts';
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

const files = z.record(z.string(), z.string()).describe('an object of texts by the paths of their files');

const publishBody = z.strictObject({
  files: fields.optional(files),
  activities: fields.optional(
    z
      .array(setActivity)
      .max(500)
      .describe('a list of at most 500 activities with name, kind, digest, input and output'),
  ),
  rollback: fields.optional(fields.rowNumber.describe('the id of a published set')),
  from: fields.optional(
    fields.rowNumber.describe(
      'the id of the set that it replaces, or 0 if nothing was published. If another one is the newest, nothing is published (409)',
    ),
  ),
  by: fields.by,
  note: fields.words(500),
  force: z.boolean().default(false).describe('true or false'),
});

const mostChanged = 20;

const changeBody = z.strictObject({
  files: files
    .refine((given) => Object.keys(given).length >= 1 && Object.keys(given).length <= mostChanged)
    .describe('an object of 1 to 20 texts by the paths of their files'),
  by: fields.by,
  note: fields.words(500),
  force: z.boolean().default(false).describe('true or false'),
});

/** Bytes. A set has at most 4 MiB, and JSON needs more for some characters. */
const bodyLimit = 8 * 2 ** 20;

const published = z.object({
  published: z.boolean(),
  set: publishedSet.nullable(),
  problems: z.array(z.string()).describe('Why runs under way could not go on. With any, only `force` publishes.'),
});

const params = z.strictObject({ set: fields.rowNumberInQuery });

export function addPublishedRoutes(
  api: Api,
  deps: Pick<ApiDeps, 'database' | 'installation' | 'publish' | 'definitionsFrom' | 'log'>,
): void {
  const publish = async (request: Parameters<ApiDeps['publish']>[0]) => {
    const answer = await deps.publish(request);
    if (answer.published) {
      const { author, note } = request;
      deps.log.warn({ set: answer.set?.id, author, note }, 'a set of definitions was published');
    }
    return answer;
  };
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
    description:
      'With `from`, nobody undoes unknowingly what somebody else has published meanwhile. Without it, the newest set is replaced, whichever it is.',
    body: publishBody,
    bodyLimit,
    answer: published,
    problems: [409],
    handle: ({ body: { by, ...request }, caller }) =>
      publish({ ...request, author: actorOf(caller, by) }).catch((error: unknown) => {
        throw error instanceof OutdatedSetError ? replacesAnother(request.from ?? 0, error) : error;
      }),
  });
  addRoute(api, {
    method: 'get',
    path: '/published/{set}',
    scope: 'admin',
    summary: 'A set of definitions that was published, with its files',
    params,
    answer: publishedSet.extend({ files: z.record(z.string(), z.string()).describe('Texts by paths.') }),
    problems: [404],
    async handle({ params: { set } }) {
      const found = await readSet(deps.database, set);
      if (found === null) throw notFound(`There is no published set ${set}.`);
      return { ...factsOf(found), files: found.files };
    },
  });
  addRoute(api, {
    method: 'post',
    path: '/published/{set}/files',
    scope: 'admin',
    summary: 'Change files of the newest set, or add some, and publish that as a new set',
    description:
      'It is checked as any other set. If the set is not the newest any more, nothing is published (409), so that nobody undoes unknowingly what somebody else has published meanwhile. Runs under way keep the definition that they have.',
    params,
    body: changeBody,
    bodyLimit,
    answer: published,
    problems: [404, 409],
    async handle({ params: { set }, body: { files, by, note, force }, caller }) {
      if (deps.definitionsFrom() !== 'published') throw servesFolder();
      const request = { change: { from: set, files }, author: actorOf(caller, by), note, force };
      return publish(request).catch((error: unknown) => {
        throw error instanceof OutdatedSetError ? outdated(set, error) : error;
      });
    },
  });
}

function servesFolder(): ApiProblem {
  const detail =
    'This server takes the definitions from its folder, so nobody would see what is published. Save the file into the folder, or have servers and workers follow what is published: KAIT_DEFINITIONS_FROM=published.';
  return new ApiProblem(409, 'definitions-from-folder', detail);
}

function replacesAnother(from: number, { newest }: OutdatedSetError): ApiProblem {
  if (newest === undefined) {
    const detail = `This was to replace set ${from}, but nothing was published yet. Publish it from 0, or without "from".`;
    return new ApiProblem(409, 'outdated-set', detail);
  }
  const { id, author, note } = newest;
  const expected = from === 0 ? 'be the first set' : `replace set ${from}`;
  const detail = `This was to ${expected}. Meanwhile ${author} has published set ${id}: ${note}. Nothing was published. Take over what set ${id} changes, and publish from ${id}.`;
  return new ApiProblem(409, 'outdated-set', detail);
}

function outdated(from: number, { newest }: OutdatedSetError): ApiProblem {
  if (newest === undefined) return notFound('Nothing was published yet. The first set comes from "kait publish".');
  const { id, author } = newest;
  if (from > id) return notFound(`There is no published set ${from}.`);
  const detail = `This was written for set ${from}. Meanwhile ${author} has published set ${id}. Look at what is published now, and make your change in that.`;
  return new ApiProblem(409, 'outdated-set', detail);
}
