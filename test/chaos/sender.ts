import { setTimeout as pause } from 'node:timers/promises';
import type { EventKind, SentEvent } from './facts.ts';
import type { Random } from './random.ts';
import { sourceOf, type SignEvent } from './sign-event.ts';

/** A gateway that sends its events, some of them twice, each until it is acknowledged. */
export interface Sender {
  sent: SentEvent[];
  refusals: string[];
  /** Resolves when every copy was acknowledged or given up. */
  finished: Promise<void>;
  isFinished(): boolean;
}

export interface SenderDeps {
  receiverUrl: string;
  events: number;
  /** Over how long the events are spread. A receiver that is down makes the rest come in a burst. */
  durationMs: number;
  seed: number;
  sign: SignEvent;
  random: Random;
  now: () => number;
}

/** Requests under way at once, and copies beside them. */
const lanes = 16;
/** Every third event is sent twice. */
const twiceEvery = 3;
/** Some five minutes; a gateway goes on for days. */
const tries = 1_200;
const pauseBetweenTriesMs = 250;
const answerLimitMs = 10_000;
const latestCopyMs = 800;

export function startSender(deps: SenderDeps): Sender {
  const sent = Array.from({ length: deps.events }, (_, index) => eventOf(deps.seed, index));
  const refusals: string[] = [];
  const startMs = deps.now();
  const waiting = sent.entries();
  let finished = false;

  async function runLane(): Promise<void> {
    for (const [index, event] of waiting) {
      const dueMs = startMs + (index / deps.events) * deps.durationMs;
      await pause(Math.max(0, dueMs - deps.now()));
      const copies = [postUntilAcknowledged(event)];
      if (index % twiceEvery === 0) copies.push(postAgain(event, deps.random));
      const acknowledged = await Promise.all(copies);
      event.acknowledged = acknowledged.some(Boolean);
    }
  }

  /** Half of the copies leave with the original, the others some time after it. */
  async function postAgain(event: SentEvent, random: Random): Promise<boolean> {
    if (random.chance(0.5)) await pause(random.between(1, latestCopyMs));
    return postUntilAcknowledged(event);
  }

  async function postUntilAcknowledged(event: SentEvent): Promise<boolean> {
    for (let attempt = 1; attempt <= tries; attempt++) {
      const status = await post(deps, event);
      if (status !== null && status < 300) return true;
      if (status !== null && status < 500 && status !== 429) refusals.push(`${event.id}: answered with ${status}`);
      await pause(pauseBetweenTriesMs);
    }
    return false;
  }

  const everything = Promise.all(Array.from({ length: lanes }, runLane)).then(() => {
    finished = true;
  });
  return { sent, refusals, finished: everything, isFinished: () => finished };
}

/** Of the 25 events of a turn, these are not orders. Every second turn has parcels as well. */
const kinds: Record<number, EventKind> = { 3: 'poison', 7: 'late', 12: 'fails', 18: 'holds' };

function kindOf(index: number): EventKind {
  return index % 50 === 0 ? 'parcels' : (kinds[index % 25] ?? 'order');
}

/** Enough for cashback, and different for each event. */
const leastAmountMinor = 1_000_000;

function eventOf(seed: number, index: number): SentEvent {
  const mark = `${seed}-${index}`;
  const kind = kindOf(index);
  return {
    id: kind === 'order' ? `pi_chaos_${mark}:succeeded` : `msg_chaos_${mark}`,
    kind,
    reference: `ORDER-${mark}`,
    recipient: `buyer-${mark}@example.com`,
    amountMinor: leastAmountMinor + index,
    acknowledged: false,
  };
}

/** The status; null if the connection broke or no answer arrived, for example because the receiver was killed. */
async function post({ receiverUrl, sign }: SenderDeps, event: SentEvent): Promise<number | null> {
  const { headers, body } = await sign(event);
  const signal = AbortSignal.timeout(answerLimitMs);
  try {
    const init = { method: 'POST', headers, body: new Uint8Array(body), signal };
    const response = await fetch(`${receiverUrl}/in/${sourceOf(event)}`, init);
    await response.arrayBuffer();
    return response.status;
  } catch {
    return null;
  }
}
