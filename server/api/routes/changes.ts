import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { createChangeHub } from '../../changes/change-hub.ts';
import { readNewest } from '../../changes/read-changes.ts';
import type { ApiDeps } from '../api-deps.ts';
import { addRoute, type Api } from '../define-route.ts';
import { openEventStream } from '../event-stream.ts';
import { ApiProblem } from '../problem.ts';
import type { StatusAnswer } from './status-answer.ts';

/** They share one look at the database, but each has a connection. */
const mostViewers = 200;

export function addChangeRoutes(api: Api, { database, about, log }: Pick<ApiDeps, 'database' | 'about' | 'log'>): void {
  const stopping = new AbortController();
  const hub = createChangeHub({
    readNewest: () => readNewest(database),
    readFigures: async () => figuresOf(await about()),
    pause: (ms) => delay(ms, undefined, { signal: stopping.signal }).catch(() => undefined),
    log,
  });
  let viewers = 0;
  api.app.addHook('preClose', (done) => {
    stopping.abort();
    done();
  });
  addRoute(api, {
    method: 'get',
    path: '/changes',
    scope: 'read',
    summary: 'Changes as they happen: ids and states',
    description:
      'A stream of server-sent events without an end, for pages that show lists. The types are `events`, `runs`, `deliveries`, `approvals` and `status`. Each has `things`, which are new or in another state, and `complete`: if it is false, anything of this kind may have changed. Whoever sends the id of the last event as `Last-Event-ID` goes on after it. `alive` says that nothing has happened.',
    contentType: 'text/event-stream',
    answer: z.string(),
    problems: [429],
    async handle({ request, reply }) {
      if (viewers >= mostViewers) throw tooManyViewers();
      viewers += 1;
      try {
        const stream = openEventStream(request, reply, stopping.signal);
        const given = request.headers['last-event-id'];
        let place = given === undefined ? null : String(given);
        for await (const next of hub.follow(place, stream.signal)) {
          place = next?.place ?? place;
          const { kind, ...data } = next?.change ?? { kind: 'alive' };
          if (!(await stream.send({ id: place ?? '', event: kind, data }))) break;
        }
        stream.end();
      } finally {
        viewers -= 1;
      }
      return '';
    },
  });
}

/** What of the status is about each kind. Times that pass by themselves are no change. */
function figuresOf(status: StatusAnswer) {
  const { stuck, runs, deliveries, backlog, waiting, turns } = status;
  const { temporal, sources, definitions, definitionsFrom, faults, processes, taskQueues } = status;
  const counts = (piles: Record<string, { count: number } | null>) => Object.values(piles).map((pile) => pile?.count);
  const running = processes.map(({ id, serves, ready, problem }) => [id, serves, ready, problem]);
  const queues = taskQueues.map(({ name, state }) => [name, state]);
  const troubled = stuck.endpoints.map(({ id, condition }) => [id, condition]);
  const silent = stuck.silent.map(({ source }) => source);
  const rejected = stuck.rejected.map(({ source, reason, count }) => [source, reason, count]);
  return {
    events: JSON.stringify([counts(stuck.events), backlog, waiting, turns]),
    runs: JSON.stringify(counts(runs)),
    deliveries: JSON.stringify([counts(stuck.deliveries), deliveries]),
    approvals: JSON.stringify(stuck.approvals.count),
    status: JSON.stringify([
      ...[temporal.problem, sources, definitions, definitionsFrom, faults, running, queues, silent, rejected, troubled],
      ...[counts(stuck.events), counts(runs), counts(stuck.deliveries), stuck.approvals.count, backlog, waiting, turns],
    ]),
  };
}

function tooManyViewers(): ApiProblem {
  const detail = `At most ${mostViewers} can follow changes on one server at once.`;
  return new ApiProblem(429, 'too-many-viewers', detail, { headers: { 'retry-after': '5' } });
}
