import type { CanonicalEvent } from '../../language/event.ts';
import { createInbox } from '../../server/inbox.ts';
import { mayBeAwaited } from '../../server/ignored-because.ts';
import { createCorrelate, type Correlate } from '../../server/waits/correlate-events.ts';
import type { Database } from '../../storage/database.ts';
import { openPostgres } from '../../storage/open-postgres.ts';
import { findStored } from '../../storage/waits/find-stored.ts';
import { openWait, type NewWait } from '../../storage/waits/open-waits.ts';
import { rounded, type Report } from '../report.ts';
import { median } from '../rounds.ts';
import type { Services } from '../services.ts';
import { paidEvent } from '../stripe-payments.ts';

const sizes = [100, 10_000] as const;

/**
 * The cost of correlation in the database: what an event costs that no open wait, one of them, or all of them match, and what a step costs
 * that begins to wait, with few and with many open waits. Sending the event to a run comes on top: one signal each.
 */
export async function measureWaits(
  { postgres }: Services,
  options: { repeats: number; report: (line: string) => void },
): Promise<Report> {
  const rows: Report['rows'] = [];
  const figures: Record<string, number>[] = [];
  for (const size of sizes) {
    const url = await postgres.createDatabase(`waits_${size}`);
    const database = await openPostgres(url, { connections: 4, onError: () => undefined });
    try {
      const measured = await measureWith(size, database, options.repeats * 20);
      figures.push(measured);
      options.report(`measured ${size} open waits`);
    } finally {
      await database.close();
    }
  }
  const [few = {}, many = {}] = figures;
  for (const what of Object.keys(few)) {
    const [a = 0, b = 0] = [few[what], many[what]];
    rows.push([what, `${rounded(a)} ms`, `${rounded(b)} ms`, rounded(b / a)]);
  }
  const ratio = (what: string) => (many[what] ?? 0) / (few[what] ?? 1);
  return {
    title: 'waits: what correlation costs in PostgreSQL',
    notes: [
      'Medians for one event or step at a time. An event that is awaited by no definition costs the first statement only.',
      'The last line is for each of the runs that get the event.',
    ],
    headings: ['what', `${sizes[0]} open waits`, `${sizes[1]} open waits`, 'ratio'],
    rows,
    targets: [
      { what: 'An event that none matches, many waits against few', measured: ratio(noneMatches), unit: '', atMost: 2 },
      { what: 'An event that one matches, many waits against few', measured: ratio(oneMatches), unit: '', atMost: 2 },
      { what: 'An event that all match, for each run', measured: ratio(allMatch), unit: '', atMost: 1.5 },
    ],
  };
}

const otherType = 'an event of a type that nobody awaits';
const noneMatches = 'an event that no wait matches';
const oneMatches = 'an event that one wait matches';
const begins = 'a step that begins to wait';
const allMatch = 'an event that all match, for each run';

let number = 0;

async function measureWith(size: number, database: Database, rounds: number): Promise<Record<string, number>> {
  const correlate = createCorrelate({ database, handed: () => undefined });
  for (let index = 0; index < size; index++) await openWait(database, waitFor(`pay_${index}`, index));
  await database.run('bench-analyze', 'analyze', []);
  const times: Record<string, number[]> = { [otherType]: [], [noneMatches]: [], [oneMatches]: [], [begins]: [] };
  const time = async (what: string, work: () => Promise<unknown>) => {
    const startedAt = performance.now();
    await work();
    times[what]?.push(performance.now() - startedAt);
  };
  for (let round = 0; round < rounds; round++) {
    const other = await store(database, { type: 'payment.failed', nativeType: 'payment_intent.failed' });
    await time(otherType, () => correlate(other));
    const none = await store(database, {}, 'nobody');
    await time(noneMatches, () => correlate(none));
    const one = await store(database, {}, `pay_${round % size}`);
    await time(oneMatches, () => correlate(one));
    const wait = waitFor('nobody else', size + round);
    await time(begins, async () => {
      await openWait(database, wait);
      await findStored(database, wait, { after: 0, harmless: mayBeAwaited, readData: () => () => null });
    });
  }
  const medians = Object.fromEntries(Object.entries(times).map(([what, each]) => [what, median(each)]));
  return { ...medians, [allMatch]: await timeOfAll(size, database, correlate) };
}

/** All runs wait for the same event. */
async function timeOfAll(size: number, database: Database, correlate: Correlate): Promise<number> {
  for (let index = 0; index < size; index++) await openWait(database, waitFor('everybody', index));
  const event = await store(database, {}, 'everybody');
  const startedAt = performance.now();
  await correlate(event);
  return (performance.now() - startedAt) / size;
}

function waitFor(payment: string, index: number): NewWait {
  return {
    workflowId: `bench/remind/stripe/${index}`,
    step: 'settled',
    types: ['payment.succeeded'],
    sources: ['stripe'],
    match: { 'event.payment.id': payment },
    lookBackMs: 0,
    untilMs: Date.now() + 3_600_000,
    own: { source: 'stripe', eventId: 'own', live: null },
  };
}

async function store(database: Database, changes: Partial<CanonicalEvent>, payment = 'pay_0') {
  number += 1;
  const inbox = createInbox({ database, wantsClaim: () => false, onStored: () => undefined });
  const paid = paidEvent(String(number));
  const now = new Date().toISOString();
  const event: CanonicalEvent = {
    ...paid,
    ...{ source: 'stripe', type: 'payment.succeeded', receivedAt: now },
    payment: paid.payment === null ? null : { ...paid.payment, id: payment },
    ...changes,
  };
  const body = { bytes: Buffer.from('{}'), contentType: 'application/json', headers: null };
  const kept = { state: 'pending', lastError: null, holdMs: 0, endsHold: false, item: 0 } as const;
  const result = await inbox.store({ ...kept, event, body });
  if (result.duplicate) throw new Error(`The event ${event.id} was stored before`);
  return { rowId: result.rowId, event };
}
