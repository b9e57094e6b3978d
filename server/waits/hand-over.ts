import type { Logger } from 'pino';
import { errorText } from '../../describe-error.ts';
import type { CanonicalEvent } from '../../language/event.ts';
import type { Database } from '../../storage/database.ts';
import { envelopeColumnsSql, readEnvelope, type EnvelopeRow } from '../../storage/stored-envelope.ts';
import { eventForRun, type ReadData } from '../../storage/waits/event-for-run.ts';
import { matchedPaths } from '../../storage/waits/wait-shapes.ts';
import type { SignalOutcome } from './send-event.ts';

/** Sends stored events to the runs that wait for them: the rows of `handovers` that are pending. */
export interface Handover {
  start(): void;
  /** Looks for pending rows now. */
  wake(): void;
  /** Resolves when what is under way has been recorded. */
  stop(): Promise<void>;
}

export interface HandoverDeps {
  database: Database;
  readData: ReadData;
  send: (workflowId: string, event: CanonicalEvent) => Promise<SignalOutcome>;
  /** Signals under way at once. */
  concurrency: number;
  pollMs: number;
  log: Pick<Logger, 'warn'>;
}

/** Rows that are claimed together. Their events are read once each. */
const batchRows = 200;

/** `waiting`: false if no step of the run waits any more. What it waits for later, it looks up by itself. */
const claimSql = `
  with mine as (
    select workflow_id, event from handovers
    where state = 'pending' and (claimed_until is null or claimed_until < now())
    order by claimed_until nulls first, event limit ${batchRows} for update skip locked
  )
  update handovers set claimed_until = now() + interval '30 seconds'
  from mine where handovers.workflow_id = mine.workflow_id and handovers.event = mine.event
  returning handovers.workflow_id, handovers.event,
    exists (select from waits where waits.workflow_id = handovers.workflow_id) as waiting`;

const readSql = `
  select events.id, ${envelopeColumnsSql('events')}, events.item, bodies.bytes, bodies.content_type
  from events left join bodies on bodies.id = events.body_id
  where events.id = any(array(select json_array_elements_text($1::json)::bigint))`;

/** What a step has taken meanwhile stays taken. After a failure, the row is due again in 1 s, then 2, up to a minute. */
const recordSql = `
  with done as (
    select * from json_to_recordset($1::json) as row (workflow_id text, event bigint, outcome text)
  ), ended as (
    delete from waits where workflow_id in (select workflow_id from done where outcome = 'gone')
  ), dropped as (
    delete from handovers using done
    where done.outcome in ('gone', 'unwanted') and handovers.state = 'pending'
      and handovers.workflow_id = done.workflow_id and handovers.event = done.event
  )
  update handovers set
    state = case when done.outcome = 'sent' then 'sent' else 'pending' end,
    attempts = least(handovers.attempts + 1, 1000),
    claimed_until = case when done.outcome = 'failed' then now() + least(60, 2 ^ least(handovers.attempts, 6)) * interval '1 second' end
  from done
  where done.outcome in ('sent', 'failed') and handovers.state = 'pending'
    and handovers.workflow_id = done.workflow_id and handovers.event = done.event`;

interface ClaimedRow {
  workflow_id: string;
  event: number | string;
  waiting: boolean;
}

interface EventRow extends EnvelopeRow {
  id: number | string;
  item: number;
  bytes: Uint8Array | null;
  content_type: string | null;
}

type Outcome = SignalOutcome['kind'] | 'unwanted';

/** At least once: a run drops what it has already. Several processes may do it at once, each with rows of its own. */
export function createHandover(deps: HandoverDeps): Handover {
  let timer: NodeJS.Timeout | undefined;
  let round: Promise<void> | undefined;
  let again = false;
  let stopped = false;

  async function sendAll(): Promise<void> {
    while (again) {
      again = false;
      if (!stopped && (await sendBatch(deps)) === batchRows) again = true;
    }
  }

  function wake(): void {
    again = true;
    if (stopped || round !== undefined) return;
    round = sendAll()
      .catch((error: unknown) => {
        deps.log.warn({ err: error }, 'sending events to waiting runs failed, will retry');
      })
      .finally(() => {
        round = undefined;
      });
  }

  return {
    start() {
      timer = setInterval(wake, deps.pollMs);
      wake();
    },
    wake,
    async stop() {
      stopped = true;
      clearInterval(timer);
      await round;
    },
  };
}

/** Resolves to the number of rows that were claimed. */
async function sendBatch(deps: HandoverDeps): Promise<number> {
  const { database, concurrency } = deps;
  const claimed = await database.run<ClaimedRow>('handover-claim', claimSql, []);
  if (claimed.length === 0) return 0;
  const events = await readEvents(claimed, deps);
  const outcomes: { workflow_id: string; event: number; outcome: Outcome }[] = [];
  const left = [...claimed];
  const sendNext = async (): Promise<void> => {
    for (let row = left.shift(); row !== undefined; row = left.shift()) {
      const event = Number(row.event);
      outcomes.push({ workflow_id: row.workflow_id, event, outcome: await sendOne(row, events.get(event), deps) });
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, claimed.length) }, sendNext));
  await database.run('handover-record', recordSql, [JSON.stringify(outcomes)]);
  return claimed.length;
}

async function readEvents(
  claimed: readonly ClaimedRow[],
  { database, readData }: HandoverDeps,
): Promise<Map<number, CanonicalEvent>> {
  const ids = [...new Set(claimed.map(({ event }) => Number(event)))];
  const rows = await database.run<EventRow>('handover-read', readSql, [JSON.stringify(ids)]);
  const types = rows.flatMap(({ type, native_type: nativeType }) => [type, nativeType]);
  const matched = await matchedPaths(database, types);
  return new Map(
    rows.flatMap((row) => {
      const { id, gateway, item, bytes, content_type: contentType } = row;
      const envelope = readEnvelope(row);
      if (envelope === null) return []; // Its details are no longer kept.
      const body = bytes === null ? null : { bytes, contentType: contentType ?? '' };
      const stored = { row: Number(id), envelope, gateway, item, body };
      return [[stored.row, eventForRun(stored, readData, matched)] as const];
    }),
  );
}

async function sendOne(
  { workflow_id: workflowId, waiting }: ClaimedRow,
  event: CanonicalEvent | undefined,
  { send, log }: HandoverDeps,
): Promise<Outcome> {
  if (!waiting || event === undefined) return 'unwanted';
  const outcome = await send(workflowId, event).catch((error: unknown): SignalOutcome => {
    return { kind: 'failed', reason: errorText(error) };
  });
  if (outcome.kind === 'failed') {
    const { reason } = outcome;
    log.warn({ workflowId, event: event.id, reason }, 'event not sent to a waiting run, will retry');
  }
  return outcome.kind;
}
