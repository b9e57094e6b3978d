import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { answerListener, limitListeners } from '../../feed/answer-listener.ts';
import type { ApiDeps } from '../api-deps.ts';
import { addRoute, type Api } from '../define-route.ts';
import * as fields from '../fields.ts';
import { ApiProblem } from '../problem.ts';

const position = z
  .strictObject({
    last: fields.rowNumber,
    gaps: z.array(z.tuple([fields.rowNumber, fields.rowNumber, z.number()])).max(500),
  })
  .describe('a position that Kait has answered with');
const positions = z
  .strictObject({ events: position, runs: position, attempts: position, rejections: position })
  .describe('the positions that Kait has answered with');

/** Each waits for seconds and asks the database every second. */
const mostListeners = 20;

export function addFeedRoutes(api: Api, deps: Pick<ApiDeps, 'database' | 'installation' | 'runStatus'>): void {
  const listen = limitListeners(mostListeners);
  addRoute(api, {
    method: 'post',
    path: '/feed',
    scope: 'read',
    summary: 'Webhooks, runs and deliveries as they happen',
    body: z.strictObject({
      positions: fields.optional(positions),
      open: z.array(fields.workflowId).max(20).default([]).describe('a list of at most 20 workflow ids'),
    }),
    bodyLimit: 256 * 1024,
    answer: z.object({ lines: z.array(z.looseObject({})), positions, ended: z.array(z.looseObject({})) }),
    async handle({ body, request }) {
      const feed = { ...deps, installation: deps.installation.id, pause, now: () => performance.now() };
      const answer = listen(() => answerListener(feed, body, () => request.raw.socket.destroyed));
      if (answer === null) throw tooManyListeners();
      const { lines, positions: at, ended } = await answer;
      return { lines: lines.map((line) => ({ ...line })), positions: at, ended: ended.map((each) => ({ ...each })) };
    },
  });
}

function tooManyListeners(): ApiProblem {
  const detail = `At most ${mostListeners} can listen to one server at once.`;
  return new ApiProblem(429, 'too-many-listeners', detail, { headers: { 'retry-after': '5' } });
}
