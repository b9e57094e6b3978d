import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { isKnownRun } from '../../runs/run-details.ts';
import { beginning, changesSince, isOver, type WatchPosition } from '../../runs/run-changes.ts';
import { createRunWatch } from '../../runs/watch-runs.ts';
import type { ApiDeps } from '../api-deps.ts';
import { openCursor, sealCursor } from '../cursors.ts';
import { addRoute, type Api } from '../define-route.ts';
import { type EventStream, openEventStream } from '../event-stream.ts';
import * as fields from '../fields.ts';
import { ApiProblem, notFound } from '../problem.ts';

/** They share the readings of a run, but may watch different ones. */
const mostWatchers = 50;
/** A reader that is gone is noticed by then. */
const beatMs = 10_000;

export function addWatchRoute(
  api: Api,
  { database, installation, readRun, log }: Pick<ApiDeps, 'database' | 'installation' | 'readRun' | 'log'>,
): void {
  const stopping = new AbortController();
  const pause = (ms: number) => delay(ms, undefined, { signal: stopping.signal }).catch(() => undefined);
  const runs = createRunWatch({ readRun: (...asked) => readRun(...asked), pause });
  let watchers = 0;
  api.app.addHook('preClose', (done) => {
    stopping.abort();
    done();
  });
  addRoute(api, {
    method: 'get',
    path: '/runs/{run}/watch',
    scope: 'read',
    summary: 'What happens to a run, until it ends',
    description:
      'A stream of server-sent events: what has happened so far, then what happens. The last one is `end`. Whoever sends the id of the last event as `Last-Event-ID` goes on after it, on any server.',
    params: fields.runParams,
    contentType: 'text/event-stream',
    answer: z.string(),
    async handle({ params: { run }, request, reply }) {
      const from = positionOf(run, request.headers['last-event-id']);
      if (!(await isKnownRun(database, run))) throw notFound('There is no such run.');
      if (watchers >= mostWatchers) throw tooManyWatchers();
      watchers += 1;
      try {
        const stream = openEventStream(request, reply, stopping.signal);
        await tell(run, from, stream);
        stream.end();
      } catch (error) {
        if (!reply.sent) throw error;
        log.warn({ err: error, run }, 'watching a run broke off');
        reply.raw.destroy();
      } finally {
        watchers -= 1;
      }
      return '';
    },
  });

  async function tell(run: string, from: WatchPosition, stream: EventStream): Promise<void> {
    let position = from;
    let toldAt = performance.now();
    for await (const reading of runs.watch(run, stream.signal)) {
      const now = new Date().toISOString();
      const before = position;
      const next = changesSince(before, reading, now);
      for (const [index, change] of next.changes.entries()) {
        // Only the last of them stands for the new position: cut off in between, all are told again.
        const told = index === next.changes.length - 1 ? next.position : before;
        if (!(await stream.send({ id: idOf(run, told), event: change.kind, data: change }))) return;
      }
      position = next.position;
      if (next.changes.length > 0) toldAt = performance.now();
      else if (performance.now() - toldAt > beatMs) {
        toldAt = performance.now();
        if (!(await stream.send({ id: idOf(run, position), event: 'alive', data: {} }))) return;
      }
      if (isOver(reading)) return;
    }
  }

  function idOf(run: string, position: WatchPosition): string {
    return sealCursor(installation, keyOf(run), [JSON.stringify(position)]);
  }

  function positionOf(run: string, given: string | string[] | undefined): WatchPosition {
    const opened = openCursor(installation, keyOf(run), given === undefined ? undefined : String(given));
    return opened === null ? beginning : (JSON.parse(String(opened[0])) as WatchPosition); // It is sealed.
  }
}

const keyOf = (run: string) => ({ list: 'watch', filters: { run } });

function tooManyWatchers(): ApiProblem {
  const detail = `At most ${mostWatchers} can watch runs on one server at once.`;
  return new ApiProblem(429, 'too-many-watchers', detail, { headers: { 'retry-after': '5' } });
}
