import { and, eq } from 'drizzle-orm';
import { z } from 'zod';
import { bodies, events } from '../../../storage/schema.ts';
import { recordReveal } from '../../record-reveal.ts';
import type { ApiDeps } from '../api-deps.ts';
import { addRoute, type Api } from '../define-route.ts';
import * as fields from '../fields.ts';
import { ApiProblem, notFound } from '../problem.ts';

const stored = z.object({
  contentType: z.string(),
  headers: z.record(z.string(), z.string()).nullable().describe('Those that the source keeps.'),
  body: z.string().describe('The bytes as they were sent, in base64. Nothing is redacted.'),
});

export function addBodyRoutes(api: Api, { database, log }: Pick<ApiDeps, 'database' | 'log'>): void {
  addRoute(api, {
    method: 'get',
    path: '/events/{source}/{event}/body',
    scope: 'operate',
    summary: 'What the gateway sent, unchanged, so that it can be sent again',
    description: 'Nothing is redacted. The audit names who has read it.',
    params: fields.eventParams,
    answer: stored,
    problems: [404, 410],
    async handle({ params, caller }) {
      const [row] = await database.orm
        .select({ contentType: bodies.contentType, headers: bodies.headers, bytes: bodies.bytes, event: events.id })
        .from(events)
        .leftJoin(bodies, eq(bodies.id, events.bodyId))
        .where(and(eq(events.source, params.source), eq(events.eventId, params.event)));
      if (row === undefined) throw notFound('There is no such event.');
      const { contentType, bytes, headers } = row;
      if (bytes === null || contentType === null)
        throw new ApiProblem(410, 'no-body', 'The body of this event is no longer kept.');
      await recordReveal(database, { ...params, actor: caller.name, what: 'the body as it was sent' });
      log.info({ source: params.source, event: params.event, actor: caller.name }, 'a body is read unredacted');
      return { contentType, headers, body: Buffer.from(bytes).toString('base64') };
    },
  });
}
