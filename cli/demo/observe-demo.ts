import { setTimeout as sleep } from 'node:timers/promises';
import { asc, eq, gte, like } from 'drizzle-orm';
import type { RunningKait } from '../compose/compose-all.ts';
import { runPath } from '../compose/web-ui.ts';
import { shownAddress } from '../terminal.ts';
import { cashbackEntries, events, mails, messages, orders, runs } from '../../storage/schema.ts';
import type { StepProgress } from '../../workflows/progress.ts';
import type { ArrivedWebhook, DemoReceiver } from './demo-receiver.ts';

/** A run and its effects. */
export interface DemoRun {
  source: string;
  eventId: string;
  duplicates: number;
  workflowId: string;
  /** Temporal's name for it, such as `COMPLETED`. */
  status: string;
  steps: StepProgress[];
  url: string | null;
  orders: { id: string; reference: string; amount: number; currency: string }[];
  cashback: { amount: number; currency: string }[];
  mails: { recipient: string; subject: string; state: string }[];
  webhooks: ArrivedWebhook[];
}

const patienceMs = 60_000;
const lookEveryMs = 100;

/** Waits until the demo's runs have ended and their webhooks have arrived, but no longer than `patienceMs`. */
export async function observeDemo(
  kait: RunningKait,
  receiver: DemoReceiver,
  since: Date,
  signal: AbortSignal,
): Promise<DemoRun[]> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const seen = await look(kait, receiver, since);
    const settled = seen.length >= 3 && seen.every((run) => run.status !== 'RUNNING' && run.webhooks.length > 0);
    if (settled || Date.now() > deadline) return seen;
    await sleep(lookEveryMs, undefined, { signal });
  }
}

async function look(kait: RunningKait, receiver: DemoReceiver, since: Date): Promise<DemoRun[]> {
  const started = await kait.database.orm
    .select({
      source: events.source,
      eventId: events.eventId,
      duplicates: events.duplicates,
      workflowId: runs.workflowId,
    })
    .from(events)
    .innerJoin(runs, eq(runs.event, events.id))
    .where(gte(events.receivedAt, since))
    .orderBy(asc(events.source));
  return Promise.all(started.map((run) => lookAt(kait, receiver, run)));
}

async function lookAt(
  { database: { orm }, temporal }: RunningKait,
  receiver: DemoReceiver,
  run: Pick<DemoRun, 'source' | 'eventId' | 'duplicates' | 'workflowId'>,
): Promise<DemoRun> {
  const handle = temporal.client.workflow.getHandle(run.workflowId);
  const ofThisRun = `${run.workflowId}/%`;
  const sent = await orm.select().from(messages).where(like(messages.idempotencyKey, ofThisRun));
  return {
    ...run,
    status: (await handle.describe()).status.name,
    steps: await handle.query<StepProgress[]>('progress'),
    url: temporal.ui === null ? null : shownAddress(temporal.ui, runPath(temporal.namespace, run.workflowId)),
    orders: await orm.select().from(orders).where(like(orders.idempotencyKey, ofThisRun)),
    cashback: await orm.select().from(cashbackEntries).where(like(cashbackEntries.idempotencyKey, ofThisRun)),
    mails: await orm.select().from(mails).where(like(mails.idempotencyKey, ofThisRun)),
    webhooks: receiver.arrived.filter(({ id }) => sent.some((message) => message.id === id)),
  };
}
