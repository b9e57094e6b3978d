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
  const sent = Array.from({ length: deps.events }, (_, index) => eventOf(deps, index));
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

const turnLength = 25;
/**
 * Of the events of a turn, these are not orders. Every second turn has parcels as well, and a count that gets stuck. A run that awaits
 * payments gets one before it begins, one at that time, and one later.
 */
const kinds: Record<number, EventKind> = {
  ...{ 1: 'counts', 3: 'poison', 5: 'pays', 6: 'awaits', 7: 'late', 8: 'pays', 9: 'counts', 10: 'counts', 12: 'fails' },
  ...{ 13: 'counts', 15: 'asks', 18: 'holds', 19: 'counts', 21: 'pays' },
  ...{ 2: 'mends', 4: 'moves', 11: 'rescued', 14: 'moves', 17: 'mends', 22: 'rescued' },
};
const awaitsAt = 6;
/** Keys. So many turns later a key comes again. */
const shelves = 7;

function kindOf(index: number, events: number): EventKind {
  if (index % (2 * turnLength) === 0) return 'parcels';
  if (index % (2 * turnLength) === 9) return 'stuck';
  const kind = kinds[index % turnLength] ?? 'order';
  const isCut = index - (index % turnLength) + turnLength > events;
  return isCut && (kind === 'awaits' || kind === 'pays') ? 'order' : kind; // All of its payments must come.
}

/** That of the run that awaits it, for a payment. */
function referenceOf(seed: number, index: number, kind: EventKind): string {
  const turn = index - (index % turnLength);
  return `ORDER-${seed}-${kind === 'pays' ? turn + awaitsAt : index}`;
}

/** Enough for cashback, and different for each event. */
const leastAmountMinor = 1_000_000;

function eventOf({ seed, events }: Pick<SenderDeps, 'seed' | 'events'>, index: number): SentEvent {
  const mark = `${seed}-${index}`;
  const kind = kindOf(index, events);
  return {
    id: kind === 'order' ? `pi_chaos_${mark}:succeeded` : `msg_chaos_${mark}`,
    kind,
    reference: referenceOf(seed, index, kind),
    shelf: `shelf ${Math.floor(index / turnLength) % shelves}`,
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
