import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { FeedPositions } from '../../feed/read-feed.ts';
import { type FeedSink, streamFeed } from '../../feed/stream-feed.ts';
import type { ApiDeps } from '../api-deps.ts';
import { openCursor, sealCursor } from '../cursors.ts';
import { addRoute, type Api } from '../define-route.ts';
import { openEventStream } from '../event-stream.ts';
import * as fields from '../fields.ts';
import { ApiProblem } from '../problem.ts';

/** Each asks the database every second. */
const mostListeners = 20;
/** A header may have 16 KiB. Rows that are awaited for longer than the newest ones are given up. */
const mostGaps = 50;

const list = { list: 'feed', filters: {} };

export function addFeedRoutes(api: Api, deps: Pick<ApiDeps, 'database' | 'installation' | 'runStatus' | 'log'>): void {
  const { installation, log } = deps;
  const stopping = new AbortController();
  let listeners = 0;
  api.app.addHook('preClose', (done) => {
    stopping.abort();
    done();
  });
  addRoute(api, {
    method: 'get',
    path: '/feed',
    scope: 'read',
    summary: 'Webhooks, runs, deliveries and rejections as they happen, and how runs end',
    description:
      'A stream of server-sent events without an end. Whoever sends the id of the last event as `Last-Event-ID` goes on after it, on any server.',
    query: z.strictObject({
      source: fields.optional(fields.sourceName),
      type: fields.optional(fields.text(200)),
      workflow: fields.optional(fields.definitionName),
      open: z
        .preprocess((given) => (typeof given === 'string' ? [given] : given), z.array(fields.workflowId).max(20))
        .default([])
        .describe('at most 20 workflow ids, whose ends are told as well'),
    }),
    contentType: 'text/event-stream',
    answer: z.string(),
    async handle({ query, request, reply }) {
      const from = positionsOf(request.headers['last-event-id']);
      if (listeners >= mostListeners) throw tooManyListeners();
      listeners += 1;
      try {
        const stream = openEventStream(request, reply, stopping.signal);
        const id = (positions: FeedPositions) => sealCursor(installation, list, [JSON.stringify(cutGaps(positions))]);
        const sink: FeedSink = {
          tell: (line, positions) => stream.send({ id: id(positions), event: line.kind, data: line }),
          beat: (positions) => stream.send({ id: id(positions), event: 'alive', data: {} }),
        };
        const pause = (ms: number) => delay(ms, undefined, { signal: stream.signal }).catch(() => undefined);
        const feed = { ...deps, installation: installation.id, pause, now: () => performance.now() };
        await streamFeed(feed, { ...query, from }, sink, () => stream.signal.aborted);
        stream.end();
      } catch (error) {
        if (!reply.sent) throw error;
        log.warn({ err: error }, 'a feed broke off');
        reply.raw.destroy();
      } finally {
        listeners -= 1;
      }
      return '';
    },
  });

  function positionsOf(given: string | string[] | undefined): FeedPositions | null {
    const opened = openCursor(installation, list, given === undefined ? undefined : String(given));
    return opened === null ? null : (JSON.parse(String(opened[0])) as FeedPositions); // It is sealed.
  }
}

function cutGaps(positions: FeedPositions): FeedPositions {
  const entries = Object.entries(positions).map(([table, { last, gaps }]) => [
    table,
    { last, gaps: gaps.slice(-mostGaps) },
  ]);
  return Object.fromEntries(entries) as FeedPositions; // One entry for each table.
}

function tooManyListeners(): ApiProblem {
  const detail = `At most ${mostListeners} can listen to one server at once.`;
  return new ApiProblem(429, 'too-many-listeners', detail, { headers: { 'retry-after': '5' } });
}
