import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { errorText } from '../../describe-error.ts';
import type { RunInput } from '../../language/definition.ts';
import { turnKeyOf, turnRulesOf } from '../../language/turns.ts';
import type { Database } from '../../storage/database.ts';
import { storableReason } from '../../storage/storable-reason.ts';
import type { TurnDeps } from '../dispatch-event.ts';
import { ignoredBecause } from '../ignored-because.ts';
import type { LoadedDefinition } from '../load-definitions.ts';
import type { StartRun } from '../start-run.ts';

/** Starts the retries that were asked for. */
export interface RetryStarter {
  start(): void;
  /** Looks now. */
  wake(): void;
  stop(): Promise<void>;
}

export interface RetryStarterDeps {
  database: Database;
  startRun: StartRun;
  turns: TurnDeps;
  log: Logger;
}

/** So many are started at once, and in each second. */
const atOnce = 20;
const everyMs = 1_000;
const claimSeconds = 60;
/** Temporal might not recognize the repetition of a start that was begun longer ago. */
const doubtAfterHours = 20;
/** How often a start may fail for an unknown reason. */
const mostFailures = 50;

/** Those that were refused their turn come again with the next look. */
const claimSql = `
  update rescues set claimed_until = now() + interval '${claimSeconds} seconds'
  where workflow_id = any(array(
    select workflow_id from rescues where state = 'pending' and (claimed_until is null or claimed_until < now())
    order by claimed_until nulls first, requested_at limit ${atOnce} for update skip locked))
  returning workflow_id, event, input, begun_at < now() - interval '${doubtAfterHours} hours' as doubtful`;

const beginSql = `update rescues set begun_at = coalesce(begun_at, now()) where workflow_id = $1 and state = 'pending'`;

/** The input is not needed any more, and holds what customers entrusted to Kait. */
const startedSql = `
  with started as (
    update rescues set state = 'started', input = null, claimed_until = null, last_error = null
    where workflow_id = $1 and state = 'pending'
    returning workflow_id, event, definition, definition_hash
  )
  insert into runs (workflow_id, event, definition, definition_hash, started_at)
  select workflow_id, event, definition, definition_hash, now() from started
  on conflict (workflow_id) do nothing`;

const refusedSql = `
  update rescues set state = 'refused', input = null, claimed_until = null, last_error = $2
  where workflow_id = $1 and state = 'pending'`;

const laterSql = `
  update rescues set claimed_until = now() + $2 * interval '1 millisecond', last_error = $3 where workflow_id = $1 and state = 'pending'`;

interface Row {
  workflow_id: string;
  event: string | number;
  input: string;
  doubtful: boolean | null;
}

/**
 * A start is announced in its row before it happens, and recorded there afterwards. After a crash in between it is repeated, and Temporal
 * refuses a second run with the id.
 */
export function createRetryStarter({ database, startRun, turns, log }: RetryStarterDeps): RetryStarter {
  const stopping = new AbortController();
  const failures = new Map<string, number>();
  let woken = new AbortController();
  let running: Promise<void> | undefined;

  async function keep(): Promise<void> {
    while (!stopping.signal.aborted) {
      woken = new AbortController();
      await look().catch((error: unknown) => log.warn({ err: error }, 'starting retries failed, will try again'));
      const signal = AbortSignal.any([stopping.signal, woken.signal]);
      await delay(everyMs, undefined, { signal }).catch(() => undefined);
    }
  }

  async function look(): Promise<void> {
    const rows = await database.run<Row>('retries-claim', claimSql, []);
    await Promise.all(rows.map((row) => startOne(row)));
  }

  async function startOne(row: Row): Promise<void> {
    const { workflow_id: workflowId } = row;
    try {
      await begin(row);
    } catch (error) {
      log.error({ err: error, run: workflowId }, 'a retry did not start, will try again');
    }
  }

  async function begin({ workflow_id: workflowId, event, input: json, doubtful }: Row): Promise<void> {
    if (doubtful === true) {
      return refuse(workflowId, 'Kait stopped while it started the run, and cannot tell any more whether it exists');
    }
    const input = JSON.parse(json) as RunInput; // Written by `retry-run.ts`.
    const turn = await turnOf(workflowId, Number(event), input);
    if (turn.kind === 'refused') return refuse(workflowId, turn.reason);
    if (turn.kind === 'queued') return later(workflowId, 0, 'It waits for its turn');
    await database.run('retries-begin', beginSql, [workflowId]);
    const outcome = await startRun(turn.holds ? { ...input, holdsTurn: true } : input, workflowId);
    if (outcome.kind === 'started' || outcome.kind === 'duplicate') {
      failures.delete(workflowId);
      await database.run('retries-started', startedSql, [workflowId]);
      log.info({ run: workflowId, of: input.rescue?.of }, 'run retried');
      return;
    }
    const count = (failures.get(workflowId) ?? 0) + 1;
    if (outcome.kind === 'refused' || (outcome.kind === 'failed' && count >= mostFailures)) {
      failures.delete(workflowId);
      if (turn.holds) await turns.end(workflowId);
      return refuse(workflowId, outcome.reason);
    }
    failures.set(workflowId, outcome.kind === 'failed' ? count : count - 1);
    return later(workflowId, 5_000, outcome.reason);
  }

  async function turnOf(workflowId: string, event: number, { definition, event: envelope, settings }: RunInput) {
    const rules = turnRulesOf(definition);
    if (rules === null) return { kind: 'go', holds: false } as const;
    const loaded: LoadedDefinition = { definition, hash: '', file: '', children: {} };
    let key: string | null;
    try {
      key = turnKeyOf(definition, envelope, settings);
    } catch (error) {
      return { kind: 'refused', reason: `Its key cannot be told: ${errorText(error)}` } as const;
    }
    const turn = await turns.take({ workflowId, definition: definition.name, key, event, rules, loaded });
    if (turn.kind === 'go') return { kind: 'go', holds: true } as const;
    if (turn.kind === 'queued') return turn;
    return { kind: 'refused', reason: `It starts no run, ${ignoredBecause[turn.why]}` } as const;
  }

  async function refuse(workflowId: string, reason: string): Promise<void> {
    log.error({ run: workflowId, reason }, 'a retry cannot start');
    await database.run('retries-refused', refusedSql, [workflowId, storableReason(reason)]);
  }

  async function later(workflowId: string, afterMs: number, reason: string): Promise<void> {
    await database.run('retries-later', laterSql, [workflowId, afterMs, storableReason(reason)]);
  }

  return {
    start() {
      running = keep();
    },
    wake: () => woken.abort(),
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
