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
const effect = z.discriminatedUnion('kind', [hold, release, note, count]);

/**
 * The other end of the `http` steps in `definitions/workflows`. Writes down each request as an effect; to a hold whose plan is `late` it
 * never answers.
 */
export async function startEffectReceiver(deps: { random: Random; now: () => number }): Promise<EffectReceiver> {
  const arrived: ArrivedEffect[] = [];
  const receive = async (request: IncomingMessage, response: ServerResponse) => {
    const body = (await json(request)) as object; // Its form is checked with the kind.
    const arrival = effect.parse({ kind: request.url?.slice(1), ...body });
    arrived.push({ ...arrival, requestKey: String(request.headers['idempotency-key']), atMs: deps.now() });
    if (arrival.kind === 'hold' && arrival.plan === 'late') return;
    if (arrival.kind === 'release' && deps.random.chance(unansweredShare)) return;
    await pause(deps.random.between(0, slowestAnswerMs));
    response.writeHead(204).end();
  };
  return { ...(await startHttpReceiver(receive)), arrived };
}
