import type { IncomingMessage, ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import type { ArrivedEffect } from './facts.ts';
import { startHttpReceiver } from './http-receiver.ts';
import type { Random } from './random.ts';

export interface EffectReceiver {
  url: string;
  arrived: ArrivedEffect[];
  /** The references whose mending is not refused any more. */
  mended: Set<string>;
  stop(): Promise<void>;
}

/** As in `smtp-receiver.ts`. */
const slowestAnswerMs = 400;
/** Releases that take effect without an answer, so that an undo is repeated. */
const unansweredShare = 0.2;

const hold = z.object({
  kind: z.literal('hold'),
  reference: z.string(),
  plan: z.string(),
  parcel: z.string().optional(),
});
const release = z.object({ kind: z.literal('release'), reference: z.string(), key: z.string(), inDoubt: z.boolean() });
const note = z.object({ kind: z.literal('note'), reference: z.string(), what: z.string() });
const count = z.object({
  kind: z.literal('count'),
  reference: z.string(),
  shelf: z.string(),
  what: z.enum(['begins', 'ends']),
});
const mend = z.object({ kind: z.literal('mend'), reference: z.string(), how: z.string() });
const book = z.object({ kind: z.literal('book'), reference: z.string() });
const unbook = z.object({ kind: z.literal('unbook'), reference: z.string(), key: z.string() });
const effect = z.discriminatedUnion('kind', [hold, release, note, count, mend, book, unbook]);

/**
 * The other end of the `http` steps in `definitions/workflows`. Writes down each request as an effect; to a hold whose plan is `late` it
 * never answers. It refuses what is to be mended as defined, until that is in `mended`.
 */
export async function startEffectReceiver(deps: { random: Random; now: () => number }): Promise<EffectReceiver> {
  const arrived: ArrivedEffect[] = [];
  const mended = new Set<string>();
  const receive = async (request: IncomingMessage, response: ServerResponse) => {
    const body = (await json(request)) as object; // Its form is checked with the kind.
    const arrival = effect.parse({ kind: request.url?.slice(1), ...body });
    const known = { requestKey: String(request.headers['idempotency-key']), atMs: deps.now() };
    if (arrival.kind === 'mend') {
      const ok = arrival.how !== 'as defined' || mended.has(arrival.reference);
      arrived.push({ ...arrival, ...known, ok });
      await pause(deps.random.between(0, slowestAnswerMs));
      response.writeHead(ok ? 200 : 422, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ how: arrival.how }));
      return;
    }
    arrived.push({ ...arrival, ...known });
    if (arrival.kind === 'hold' && arrival.plan === 'late') return;
    const undoes = arrival.kind === 'release' || arrival.kind === 'unbook';
    if (undoes && deps.random.chance(unansweredShare)) return;
    await pause(deps.random.between(0, slowestAnswerMs));
    response.writeHead(204).end();
  };
  return { ...(await startHttpReceiver(receive)), arrived, mended };
}
