import { z } from 'zod';
import { fetchMissing } from '../../fetch-missing.ts';
import type { ApiDeps } from '../api-deps.ts';
import { addRoute, type Api } from '../define-route.ts';
import * as fields from '../fields.ts';
import { ApiProblem, notFound } from '../problem.ts';
import { actorOf } from '../scopes.ts';

const fetched = z
  .object({
    kind: z
      .enum(['found', 'absent', 'unaskable', 'unavailable', 'refused', 'event-unknown', 'unasked'])
      .describe(
        'absent: the gateway knows of nothing. unaskable: there is no such question. unavailable: the gateway gave no answer; ask again later. refused: it does not take the question. unasked: no worker has asked.',
      ),
    reason: z.string().nullable(),
    events: z.array(
      z.object({
        eventId: z.string(),
        type: z.string(),
        stored: z.boolean().describe('False: Kait had it already.'),
        state: fields.eventState,
        why: z.string().nullable().describe('Why it started nothing.'),
        runs: z.array(z.string()),
      }),
    ),
  })
  .meta({ id: 'FetchedMissing' });

const defaultDays = 3;
const dayMs = 24 * 60 * 60 * 1_000;

export function addSourceRoutes(
  api: Api,
  deps: Pick<ApiDeps, 'database' | 'sourceNames' | 'findMissing' | 'wakeDispatcher'>,
): void {
  addRoute(api, {
    method: 'post',
    path: '/sources/{source}/fetch',
    scope: 'operate',
    summary: 'Ask a gateway for an event that did not arrive, and store it as if it had',
    params: z.strictObject({ source: z.string().max(63).describe('the name of a source') }),
    body: z.strictObject({
      id: fields.text(200),
      days: z
        .int()
        .min(1)
        .max(90)
        .default(defaultDays)
        .describe('how many days of its list to look through, at most 90'),
      reason: fields.optional(fields.reason),
      by: fields.by,
    }),
    answer: fetched,
    problems: [404, 503],
    async handle({ params: { source }, body: { id, days, reason = 'it did not arrive', by }, caller }) {
      if (!deps.sourceNames().includes(source)) throw notFound(`There is no source "${source}".`);
      const asked = { source, id, lookBackMs: days * dayMs };
      const answer = await fetchMissing({ ...deps, find: deps.findMissing }, asked, {
        actor: actorOf(caller, by),
        reason,
      });
      if (answer.kind === 'unasked')
        throw new ApiProblem(503, 'not-asked', `The gateway was not asked: ${answer.reason}.`);
      return answer;
    },
  });
}
