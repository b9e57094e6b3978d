import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Database } from '../../storage/database.ts';
import type { TurnEnd, TurnRules } from '../../language/turns.ts';
import { endTurn } from '../../storage/turns/end-turn.ts';
import { giveTurns } from '../../storage/turns/give-turns.ts';
import { turnLimits } from '../../storage/turns/turn-limits.ts';
import type { LoadedDefinition } from '../load-definitions.ts';
import type { FindLaggards } from './find-laggards.ts';

/** What Temporal says of a run. `gone`: it does not know it. */
export type RunEnd = 'running' | 'gone' | Exclude<TurnEnd, 'waits' | 'denied'>;

/** Gives turns that nobody else gives: when a time is over, an earlier event is dispatched, or a run has ended from outside. */
export interface TurnKeeper {
  start(): void;
  /** Looks now. */
  wake(): void;
  /** Resolves when what is under way has been recorded. */
  stop(): Promise<void>;
}

export interface TurnKeeperDeps {
  database: Database;
  /** Read each time, since it may change. */
  served: { definitions: LoadedDefinition[] };
  findLaggards: FindLaggards;
  /** Rejects if Temporal does not answer. */
  runEnd: (workflowId: string) => Promise<RunEnd>;
  /** Called when events may have become pending. */
  given: () => void;
  log: Pick<Logger, 'warn' | 'info'>;
}

/** While runs wait, the end of the one before them is noticed within this time. */
const busyMs = 50;
const idleMs = 1_000;
const checkEveryMs = 1_000;
/** Runs that Temporal is asked about at once. */
const mostChecked = 50;

const dueSql = `
  select definition, rules, (
      select max(event) from turns
      where turns.definition = turn_rules.definition and state = 'ready' and (not_before is null or not_before <= now())
    ) as last
  from turn_rules
  where exists (
    select from turns
    where turns.definition = turn_rules.definition and state = 'ready' and (not_before is null or not_before <= now()))`;

const waitingSql = `
  select (select true from turns where state = 'queued' order by definition, key, event limit 1) is not null
    or (select true from turns where state = 'ready' order by definition, event limit 1) is not null as waits`;

const lockSql = `select rules from turn_rules where definition = $1 for update`;

/** Those for which others wait come more often. */
const checkSql = `
  with due as (
    select workflow_id from turns where state = 'holding' and (check_at is null or check_at <= now())
    order by check_at nulls first limit ${mostChecked} for update skip locked
  )
  update turns set check_at = now() + case
    when exists (select from turns as behind
        where behind.definition = turns.definition and behind.key = turns.key and behind.state = 'queued')
      or exists (select from turns as other where other.definition = turns.definition and other.state = 'ready')
    then interval '${turnLimits.nextCheckMs} milliseconds' else interval '${turnLimits.idleCheckMs} milliseconds' end
  where workflow_id = any(array(select workflow_id from due))
  returning workflow_id,
    exists (select from events where events.id = turns.event and events.state = 'pending') as pending,
    (extract(epoch from now() - at) * 1000)::bigint as age_ms`;

interface CheckedRow {
  workflow_id: string;
  /** Whether its event is still to be dispatched. */
  pending: boolean;
  age_ms: number | string;
}

/** Their events were dispatched, so that nobody asks for their turn again. */
const forgetSql = `
  delete from turns
  where state = 'ended' and not exists (select from events where events.id = turns.event and events.state = 'pending')
  returning workflow_id`;

/** A turn was given while the outcome of its event was recorded. The two see to it; this is for what neither has foreseen. */
const repairSql = `
  update events set state = 'pending', claimed_until = null
  where state = 'queued' and not exists (select from turns where turns.event = events.id and turns.state in ('queued', 'ready'))
  returning id`;

export function createTurnKeeper(deps: TurnKeeperDeps): TurnKeeper {
  const { database, log } = deps;
  const stopping = new AbortController();
  let running: Promise<void> | undefined;
  let woken = new AbortController();
  let checkedAt = -Infinity;

  async function keep(): Promise<void> {
    while (!stopping.signal.aborted) {
      woken = new AbortController();
      const waits = await look().catch((error: unknown) => {
        log.warn({ err: error }, 'giving turns failed, will retry');
        return false;
      });
      const signal = AbortSignal.any([stopping.signal, woken.signal]);
      await delay(waits ? busyMs : idleMs, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Resolves to whether runs wait for their turn. */
  async function look(): Promise<boolean> {
    const due = await database.run<{ definition: string; rules: TurnRules; last: number | string }>(
      'turns-due',
      dueSql,
      [],
    );
    for (const { definition, rules, last } of due) await give(definition, rules, Number(last));
    if (performance.now() - checkedAt > checkEveryMs) {
      checkedAt = performance.now();
      await check();
    }
    const [row] = await database.run<{ waits: boolean }>('turns-waiting', waitingSql, []);
    if (row?.waits === true) deps.given();
    return row?.waits === true;
  }

  async function give(name: string, rules: TurnRules, last: number): Promise<void> {
    const loaded = deps.served.definitions.find(({ definition }) => definition.name === name);
    const laggards = loaded === undefined ? new Map<number, null>() : await deps.findLaggards(loaded, rules, last);
    const given = await database.transact(async (transaction) => {
      const [locked] = await transaction.query<{ rules: TurnRules }>(lockSql, [name]);
      if (locked === undefined) return new Set();
      return giveTurns(transaction, { definition: name, rules: locked.rules, laggards });
    }, turnLimits);
    if (given.size > 0) deps.given();
  }

  async function check(): Promise<void> {
    const rows = await database.run<CheckedRow>('turns-check', checkSql, []);
    await Promise.all(
      rows.map(async ({ workflow_id: workflowId, pending, age_ms: ageMs }) => {
        const end = await deps.runEnd(workflowId);
        if (end === 'running') return;
        // It may be about to start.
        if (end === 'gone' && (pending || Number(ageMs) < turnLimits.nextCheckMs)) return;
        const isGone = end === 'gone';
        const ended = await endTurn(database, { workflowId, how: isGone ? 'canceled' : end, started: !isGone });
        if (ended) log.info({ workflowId, end }, 'a run that did not give its turn back is over');
      }),
    );
    await database.run('turns-forget', forgetSql, []);
    const repaired = await database.run('turns-repair', repairSql, []);
    if (rows.length > 0 || repaired.length > 0) deps.given();
  }

  return {
    start() {
      running = keep();
    },
    wake: () => {
      woken.abort();
    },
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
