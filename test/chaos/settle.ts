import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { z } from 'zod';
import type { ArrivedMail, ArrivedWebhook, SentEvent } from './facts.ts';

export interface SettleDeps {
  receiverUrl: string;
  client: Client;
  sent: SentEvent[];
  arrivedMails: ArrivedMail[];
  arrivedWebhooks: ArrivedWebhook[];
  report: (line: string) => void;
}

/** What is still to come. All 0 is the end. */
interface Unfinished {
  pendingEvents: number;
  openRuns: number;
  openDeliveries: number;
  mails: number;
  webhooks: number;
}

/**
 * Some 75 s are the longest that a kill can cost: an attempt that dies is given up after 30 s, repeated 10 s later, and a second kill may
 * have met it again.
 */
const limitMs = 150_000;
const lookMs = 500;
const reportEveryMs = 5_000;

/** Waits until nothing moves any more because everything has happened; false where the time is up before that. */
export async function untilSettled(deps: SettleDeps): Promise<boolean> {
  for (let waitedMs = 0; waitedMs <= limitMs; waitedMs += lookMs) {
    const unfinished = await look(deps);
    if (unfinished !== null && Object.values(unfinished).every((count) => count === 0)) return true;
    if (waitedMs % reportEveryMs === 0) deps.report(`unfinished: ${describe(unfinished)}`);
    await pause(lookMs);
  }
  return false;
}

const readiness = z.object({ backlog: z.number() });

/** Null while one of those who are asked does not answer. */
async function look({ receiverUrl, client, ...seen }: SettleDeps): Promise<Unfinished | null> {
  const signal = AbortSignal.timeout(5_000);
  try {
    const running = `ExecutionStatus = 'Running'`;
    const [answer, openRuns, openDeliveries] = await Promise.all([
      fetch(`${receiverUrl}/readyz`, { signal }).then((response) => response.json()),
      client.workflow.count(running),
      client.activity.count(running),
    ]);
    return {
      pendingEvents: readiness.parse(answer).backlog,
      openRuns: openRuns.count,
      openDeliveries: openDeliveries.count,
      mails: missing(seen.sent, 'recipient', seen.arrivedMails),
      webhooks: missing(seen.sent, 'reference', seen.arrivedWebhooks),
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
  return sent.filter((event) => event.acknowledged && !there.has(event[key])).length;
}

function describe(unfinished: Unfinished | null): string {
  if (unfinished === null) return 'not everybody answers';
  return Object.entries(unfinished)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ');
}
