import type { Scheduler } from 'fast-check';
import { createBacklog } from '../../../../server/backlog.ts';
import { ignoredBecause } from '../../../../server/ignored-because.ts';
import { createInbox } from '../../../../server/inbox.ts';
import { createCorrelate } from '../../../../server/waits/correlate-events.ts';
import { createHandover } from '../../../../server/waits/hand-over.ts';
import { shapesOf } from '../../../../server/waits/shapes-of.ts';
import type { CanonicalEvent } from '../../../../language/event.ts';
import type { Database } from '../../../../storage/database.ts';
import { recordShapes } from '../../../../storage/waits/wait-shapes.ts';
import { newEvent, sampleEvent } from '../../sample-event.ts';
import { startRun, type HostedRun } from './run-host.ts';
import { plans, type Scenario, type Subject } from './scenario.ts';
import { createTurns, newLife, type Life, type Turns } from './turns.ts';

const tables = 'waits, wait_shapes, event_keys, handovers, events, bodies';
/** Each mishap may need one. */
const mostRounds = 12;
const log = { warn: () => undefined };

/**
 * Plays a scenario on an empty database, one statement at a time: gateways, two servers, and the runs with their attempts of activities.
 * Resolves when nobody has anything left to do, to what is wrong then.
 */
export async function play(database: Database, scheduler: Scheduler, scenario: Scenario): Promise<string[]> {
  await database.run(`test-empty`, `truncate ${tables} restart identity cascade`, []);
  const turns = createTurns(scheduler, scenario.mishaps);
  const runs = new Map<string, HostedRun>();
  const servers = ['one', 'two'].map((name) => startServer(name, { turns, database, runs }));
  const wake = () => servers.forEach((server) => server.wake());
  const endAll = async () => {
    await endClaims(database);
    wake();
  };
  if (scenario.announced) await recordShapes(database, shapesOf(Object.values(plans).map(definitionOf)));
  const post = (event: CanonicalEvent) => untilStored(event, { turns, database, wake });
  for (const [index, { plan, about, continuesAfter }] of scenario.runs.entries()) {
    const own = about === 'pi_a' ? aboutPayment('pi_a') : aboutPayment('pi_b');
    const event = sampleEvent({ ...own, id: `own_${index}`, type: 'payment.pending', live: null });
    const workflowId = `run-${index}`;
    const { steps } = plans[plan];
    void post(event).then(() =>
      runs.set(workflowId, startRun({ turns, database, workflowId, steps, own: event, continuesAfter })),
    );
  }
  for (const [index, { about, type, copies }] of scenario.events.entries()) {
    const event = sampleEvent({ ...aboutPayment(about), id: nameOf(about, index), type, live: false });
    for (let copy = 0; copy < copies; copy += 1) void post(event);
  }
  for (let lease = 0; lease < scenario.leases; lease += 1) {
    void scheduler.schedule(Promise.resolve(), 'all claims run out').then(() => turns.aside(endAll));
  }
  const settle = () => [...runs.values()].some((run) => run.settle());
  await turns.untilIdle(settle);
  for (let round = 0; round < mostRounds && (await isAnythingPending(database)); round += 1) {
    await endAll(); // What a process that died had claimed is found again.
    await turns.untilIdle(settle);
  }
  const problems = scenario.runs.map((_run, index) => problemsOf(index, { scenario, runs, database }));
  const pending = (await isAnythingPending(database)) ? ['something stays pending'] : [];
  return [...pending, ...(await Promise.all(problems)).flat()];
}

const definitionOf = ({ steps }: (typeof plans)[keyof typeof plans]) => ({
  definition: { name: 'scheduled', on: { event: 'payment.pending' }, steps },
});

const aboutPayment = (id: Subject) => ({ payment: { ...sampleEvent().payment, id } as CanonicalEvent['payment'] });
const nameOf = (about: Subject, index: number) => `${about}_${index}`;

/** The gateway sends it again until it is acknowledged. To the receiver, nobody wants events of its type. */
async function untilStored(
  event: CanonicalEvent,
  { turns, database, wake }: { turns: Turns; database: Database; wake: () => void },
): Promise<void> {
  await new Promise<void>((resolve) => {
    const begin = (): void => {
      const life = newLife(begin);
      const own = turns.databaseOf(database, `receiver ${event.id}`, life);
      const inbox = createInbox({ database: own, wantsClaim: () => false, onStored: () => undefined });
      const entry = { ...newEvent(), event, state: 'ignored' as const, lastError: ignoredBecause.type };
      inbox.store(entry).then(
        () => resolve(),
        () => undefined, // It was killed, and begins again.
      );
    };
    begin();
  });
  wake();
}

interface Server {
  wake(): void;
}

/** A dispatcher and a handover, which look for work when they are woken, and once when they start. A killed one is started again. */
function startServer(
  name: string,
  { turns, database, runs }: { turns: Turns; database: Database; runs: Map<string, HostedRun> },
): Server {
  let wakePresent: () => void = () => undefined;
  const begin = (): void => {
    const life: Life = newLife(() => void turns.aside(() => endClaims(database).then(begin)));
    const own = turns.databaseOf(database, `server ${name}`, life);
    const handover = createHandover({
      ...{ database: own, readData: () => () => ({}), concurrency: 2, pollMs: 1e9, log },
      send: (workflowId, event) =>
        turns.take(`server ${name}: signals ${workflowId}`, life, () => {
          const isOpen = runs.get(workflowId)?.receive(event) ?? false;
          return Promise.resolve(isOpen ? { kind: 'sent' as const } : { kind: 'gone' as const });
        }),
    });
    const dispatcher = createLookout(() => dispatchAll(own, () => handover.wake()));
    wakePresent = () => {
      dispatcher.wake();
      handover.wake();
    };
    wakePresent();
  };
  begin();
  return { wake: () => wakePresent() };
}

/** Does the work once more if it was woken meanwhile. */
function createLookout(work: () => Promise<void>): Server {
  let again = false;
  let busy = false;
  const go = async (): Promise<void> => {
    busy = true;
    while (again) {
      again = false;
      await work();
    }
    busy = false;
  };
  return {
    wake() {
      again = true;
      if (!busy) go().catch(() => undefined); // It was killed.
    },
  };
}

async function dispatchAll(database: Database, handed: () => void): Promise<void> {
  const backlog = createBacklog({ database, readData: () => () => ({}), random: () => 0 });
  const correlate = createCorrelate({ database, handed });
  const { events } = await backlog.claim({ count: 10 });
  await Promise.all(
    events.map(async (claimed) => {
      await correlate(claimed);
      await backlog.finish(claimed, { kind: 'done', runs: [], duplicates: 0, ignored: ignoredBecause.wait });
    }),
  );
}

async function isAnythingPending(database: Database): Promise<boolean> {
  const sql = `
    select from events where state = 'pending' union all select from handovers where state = 'pending' limit 1`;
  return (await database.run('test-pending', sql, [])).length > 0;
}

async function endClaims(database: Database): Promise<void> {
  const past = `claimed_until = now() - interval '1 second' where state = 'pending'`;
  await database.run('test-end-claims', `update events set ${past}`, []);
  await database.run('test-end-handovers', `update handovers set ${past}`, []);
}

const takenSql = `
  select event_id from handovers join events on events.id = event where workflow_id = $1 and handovers.state = 'taken' order by 1`;

async function problemsOf(
  index: number,
  { scenario, runs, database }: { scenario: Scenario; runs: Map<string, HostedRun>; database: Database },
): Promise<string[]> {
  const { plan, about } = scenario.runs[index]!;
  const run = runs.get(`run-${index}`);
  if (run === undefined) return [`run ${index} has not begun`];
  const { takes } = plans[plan];
  const mine = scenario.events.flatMap((event, number) => (event.about === about ? [nameOf(about, number)] : []));
  const wanted = Math.min(takes, mine.length);
  const taken = run.taken().sort();
  const recorded = await database.run<{ event_id: string }>('test-taken', takenSql, [run.workflowId]);
  const rows = recorded.map(({ event_id: id }) => id);
  const waits = await database.run('test-waits', 'select id from waits where workflow_id = $1', [run.workflowId]);
  // An attempt that was taken for dead may still register a wait that is over. Such a row does no harm, and goes in the end.
  const mayLeaveWaits = !run.isOver() || scenario.mishaps.some(({ kind }) => kind === 'abandoned');
  const said = `run ${index} (${plan}) took ${taken.join(', ') || 'nothing'}`;
  return [
    ...(run.failure() === undefined ? [] : [`run ${index} failed: ${String(run.failure())}`]),
    ...(taken.length === wanted ? [] : [`${said}, and should have ${wanted} of ${mine.join(', ')}`]),
    ...(new Set(taken).size === taken.length ? [] : [`${said}: one of them twice`]),
    ...(taken.every((id) => mine.includes(id)) ? [] : [`${said}: one that is about something else`]),
    ...(rows.join() === taken.join() ? [] : [`${said}, but on record is ${rows.join(', ') || 'nothing'}`]),
    ...(run.isOver() === (wanted === takes) ? [] : [`${said}, and ${run.isOver() ? 'is over' : 'goes on'}`]),
    ...(mayLeaveWaits || waits.length === 0 ? [] : [`run ${index} is over, and waits are left`]),
  ];
}
