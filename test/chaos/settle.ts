import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { z } from 'zod';
import { withDeadline } from '../../storage/with-deadline.ts';
import type { ArrivedEffect, ArrivedMail, ArrivedWebhook, SentEvent } from './facts.ts';

export interface SettleDeps {
  receiverUrl: string;
  client: Client;
  sent: SentEvent[];
  arrivedMails: ArrivedMail[];
  arrivedWebhooks: ArrivedWebhook[];
  arrivedEffects: ArrivedEffect[];
  report: (line: string) => void;
}

/** What is still to come. All 0 is the end. */
interface Unfinished {
  pendingEvents: number;
  openRuns: number;
  openDeliveries: number;
  mails: number;
  webhooks: number;
  /** Of runs that wait for their turn. */
  counts: number;
  /** Runs that an operator is to steer, to retry or to move. */
  steered: number;
}

/**
 * How long nothing may change before it counts as stuck. A kill costs up to 40 s, since an attempt that dies is given up after
 * 30 s and repeated 10 s later; the same attempt may have met a second kill, after which it is repeated 20 s later.
 */
const stuckMs = 120_000;
const lookMs = 500;
const reportEveryMs = 5_000;

/** Waits until everything has happened; false where things stand still before that. */
export async function untilSettled(deps: SettleDeps): Promise<boolean> {
  let last = '';
  for (let sameMs = 0, waitedMs = 0; sameMs <= stuckMs; sameMs += lookMs, waitedMs += lookMs) {
    const unfinished = await look(deps);
    if (unfinished !== null && Object.values(unfinished).every((count) => count === 0)) return true;
    const present = describe(unfinished);
    if (present !== last) sameMs = 0;
    last = present;
    if (waitedMs % reportEveryMs === 0) deps.report(`unfinished: ${present}`);
    await pause(lookMs);
  }
  return false;
}

const answerLimitMs = 10_000;
const readiness = z.object({ backlog: z.number() });

/** Null while one of those who are asked does not answer. */
async function look({ receiverUrl, client, ...seen }: SettleDeps): Promise<Unfinished | null> {
  const running = `ExecutionStatus = 'Running'`;
  try {
    const answers = Promise.all([
      fetch(`${receiverUrl}/readyz`).then((response) => response.json()),
      client.workflow.count(running),
      client.activity.count(running),
    ]);
    const [answer, openRuns, openDeliveries] = await withDeadline(answers, answerLimitMs, 'Kait or Temporal');
    return {
      pendingEvents: readiness.parse(answer).backlog,
      openRuns: openRuns.count,
      openDeliveries: openDeliveries.count,
      mails: missing(seen.sent, 'recipient', seen.arrivedMails),
      webhooks: missing(seen.sent, 'reference', seen.arrivedWebhooks),
      counts: missingCounts(seen.sent, seen.arrivedEffects),
      steered: missingNotes(seen.sent, seen.arrivedEffects),
    };
  } catch {
    return null;
  }
}

function missing<Key extends 'recipient' | 'reference'>(
  sent: SentEvent[],
  key: Key,
  arrived: Record<Key, string>[],
): number {
  const there = new Set(arrived.map((each) => each[key]));
  return sent.filter((event) => event.kind === 'order' && event.acknowledged && !there.has(event[key])).length;
}

function missingCounts(sent: SentEvent[], arrived: ArrivedEffect[]): number {
  const ended = new Set(
    arrived.flatMap((each) => (each.kind === 'count' && each.what === 'ends' ? [each.reference] : [])),
  );
  return sent.filter((event) => event.kind === 'counts' && event.acknowledged && !ended.has(event.reference)).length;
}

function missingNotes(sent: SentEvent[], arrived: ArrivedEffect[]): number {
  const ended = new Set(
    arrived.flatMap((each) => (each.kind === 'note' && each.what.startsWith('went on with ') ? [each.reference] : [])),
  );
  const steered = sent.filter((event) => ['mends', 'rescued', 'moves'].includes(event.kind));
  return steered.filter(({ acknowledged, reference }) => acknowledged && !ended.has(reference)).length;
}

function describe(unfinished: Unfinished | null): string {
  if (unfinished === null) return 'not everybody answers';
  return Object.entries(unfinished)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ');
}
