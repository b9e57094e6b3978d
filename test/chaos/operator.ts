import { setTimeout as pause } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { sampleEvent } from '../server/sample-event.ts';
import { runIdOf } from './expected-runs.ts';
import type { ArrivedEffect, SentEvent } from './facts.ts';
import type { Steering } from './steering.ts';

export interface OperatorDeps {
  /** Throws while there is no Temporal. */
  temporalAddress: () => string;
  sent: SentEvent[];
  arrived: ArrivedEffect[];
  steering: Steering;
}

export interface Operator {
  stop(): Promise<void>;
}

const lookMs = 1_000;
const answerLimitMs = 5_000;

/** Whom `ask-people` needs. */
export const askedPeople = ['ana', 'budi'];

/**
 * Cancels one child of each run of `order-parcels` as soon as it has packed its parcel, and sends the other the event that it waits for
 * once the loop beside it is over. Terminates each count of stock that is stuck. Answers each question for two people, until both answers have
 * arrived. Steers runs, as `steering.ts` says. Goes on until it is stopped: any of its requests may meet a kill.
 */
export function startOperator(deps: OperatorDeps): Operator {
  const stopping = new AbortController();
  const { signal } = stopping;
  const keep = async (look: (workflow: Client['workflow']) => Promise<void>) => {
    while (!signal.aborted) {
      await withTemporal(deps, look).catch(() => undefined); // Temporal is down. The next look repeats everything.
      await pause(lookMs, undefined, { signal }).catch(() => undefined);
    }
  };
  // Beside each other: where the machine is slow, each may take all of its time.
  const ended = Promise.all([
    keep((workflow) => lookOnce(deps, workflow)),
    keep((workflow) => deps.steering.lookOnce(workflow)),
  ]);
  return {
    async stop() {
      stopping.abort();
      await ended;
    },
  };
}

async function withTemporal(
  { temporalAddress }: OperatorDeps,
  look: (workflow: Client['workflow']) => Promise<void>,
): Promise<void> {
  const connection = await Connection.connect({ address: temporalAddress(), connectTimeout: answerLimitMs });
  try {
    await connection.withDeadline(Date.now() + answerLimitMs, () => look(new Client({ connection }).workflow));
  } finally {
    await connection.close();
  }
}

async function lookOnce({ sent, arrived }: OperatorDeps, workflow: Client['workflow']): Promise<void> {
  const open = async (id: string) => (await workflow.getHandle(id).describe()).status.name === 'RUNNING';
  const packed = referencesOf(arrived, isLostParcel);
  const labelled = referencesOf(arrived, isLastLabel);
  for (const event of sent.filter(({ reference }) => packed.has(reference))) {
    const lost = `${runIdOf(event)}/lost`;
    if (await open(lost)) await workflow.getHandle(lost).cancel();
  }
  const counted = referencesOf(arrived, ({ kind }) => kind === 'count');
  for (const event of sent.filter(({ kind, reference }) => kind === 'stuck' && counted.has(reference))) {
    if (await open(runIdOf(event))) await workflow.getHandle(runIdOf(event)).terminate('by the crash test');
  }
  const answered = new Set(arrived.flatMap((each) => (isApproval(each) ? [each.reference] : [])));
  const asking = sent.filter(({ kind, reference }) => kind === 'asks' && !answered.has(reference)).slice(0, 20);
  await Promise.allSettled(asking.flatMap((event) => askedPeople.map((by) => answer(workflow, runIdOf(event), by))));
  for (const { reference, ...rest } of sent.filter((each) => labelled.has(each.reference))) {
    const kept = `${runIdOf(rest)}/kept`;
    const event = sampleEvent({ id: `handed-over-${reference}`, source: 'shop', type: 'payment.refunded' });
    if (await open(kept)) await workflow.getHandle(kept).signal('event', event);
  }
}

/** Fails if the question is not asked yet, or answered. It may count although Temporal does not say so. */
function answer(workflow: Client['workflow'], runId: string, by: string): Promise<unknown> {
  const args: [object] = [{ step: 'ok', approved: true, by }];
  return workflow.getHandle(runId).executeUpdate<null, typeof args>('decide', { args });
}

const isApproval = (effect: ArrivedEffect) => effect.kind === 'note' && effect.what.startsWith('approved by ');
const isLostParcel = (effect: ArrivedEffect) => effect.kind === 'hold' && effect.parcel === 'lost';
const isLastLabel = (effect: ArrivedEffect) => effect.kind === 'note' && effect.what === 'label 19';

function referencesOf(arrived: ArrivedEffect[], which: (effect: ArrivedEffect) => boolean): Set<string> {
  return new Set(arrived.filter(which).map(({ reference }) => reference));
}
