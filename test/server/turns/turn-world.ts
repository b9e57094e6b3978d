import type { CanonicalEvent } from '../../../language/event.ts';
import { createBacklog } from '../../../server/backlog.ts';
import type { ClaimedEvent } from '../../../server/read-claimed.ts';
import { createFindLaggards } from '../../../server/turns/find-laggards.ts';
import { createTakeTurn } from '../../../server/turns/take-turn.ts';
import type { LoadedDefinition } from '../../../server/load-definitions.ts';
import type { Definition } from '../../../language/definition.ts';
import { type TurnEnd, turnKeyOf, turnRulesOf } from '../../../language/turns.ts';
import type { Database } from '../../../storage/database.ts';
import { endTurn } from '../../../storage/turns/end-turn.ts';
import type { TurnAnswer } from '../../../storage/turns/take-turns.ts';
import { stored } from '../waits/wait-world.ts';

/** A definition whose runs take turns by what their event is about. */
export function ordered(changes: Partial<Definition> = {}): LoadedDefinition {
  const definition: Definition = {
    name: 'in-order',
    on: { event: 'payment.succeeded' },
    key: '{{event.entity}}',
    steps: [{ id: 'done', wait: '1ms' }],
    ...changes,
  };
  return { definition, hash: `hash-of-${JSON.stringify(definition).length}`, file: 'in-order.json', children: {} };
}

/** What a dispatcher does about events, one after another, and what their runs do. */
export function turnWorld(database: Database, loaded: LoadedDefinition = ordered()) {
  const readData = () => () => null;
  const findLaggards = createFindLaggards({ database, readData });
  const takeTurn = createTakeTurn({ database, findLaggards, queued: () => undefined });
  const backlog = createBacklog({ database, readData, random: () => 0 });
  const idOf = (id: string) => `kait-test/in-order/${id}`;
  const { definition } = loaded;

  async function take({ rowId, event }: { rowId: number; event: CanonicalEvent }, suffix = ''): Promise<TurnAnswer> {
    const rules = turnRulesOf(definition);
    if (rules === null) throw new Error('It has no turns');
    const key = turnKeyOf(definition, event);
    const ids = { workflowId: idOf(event.id) + suffix, definition: definition.name, event: rowId };
    return takeTurn({ ...ids, key, rules, loaded });
  }

  async function record({ rowId, event }: { rowId: number; event: CanonicalEvent }, answer: TurnAnswer): Promise<void> {
    const claimed: ClaimedEvent = { rowId, event, bytes: 0, runs: [], doubtfulSince: null, startLeft: false };
    const run = { workflowId: idOf(event.id), definition: definition.name, definitionHash: loaded.hash };
    const outcome = { kind: 'done', duplicates: 0, runs: answer.kind === 'go' ? [run] : [] } as const;
    const ignored = answer.kind === 'passed' ? { ignored: answer.why } : {};
    await backlog.finish(claimed, { ...outcome, ...ignored, ...(answer.kind === 'queued' ? { queued: 1 } : {}) });
  }

  /** The outcome of an event for which the run of this definition has started, and that of another one waits. */
  async function recordBoth({ rowId, event }: { rowId: number; event: CanonicalEvent }): Promise<void> {
    const claimed: ClaimedEvent = { rowId, event, bytes: 0, runs: [], doubtfulSince: null, startLeft: false };
    const run = { workflowId: idOf(event.id), definition: definition.name, definitionHash: loaded.hash };
    await backlog.finish(claimed, { kind: 'done', duplicates: 0, runs: [run], queued: 1 });
  }

  return {
    idOf,
    recordBoth,
    /** Stores an event about something. */
    store: (id: string, entity: string, changes: Partial<CanonicalEvent> = {}) =>
      stored(database, { id, entity, ...changes }),
    take,
    record,
    /** Takes a turn for a stored event and records the outcome, as a dispatcher does. */
    async dispatch(event: {
      rowId: number;
      event: CanonicalEvent;
    }): Promise<TurnAnswer['kind'] | 'skipped' | 'merged'> {
      const answer = await take(event);
      await record(event, answer);
      return answer.kind === 'passed' ? answer.why : answer.kind;
    },
    end: (id: string, how: TurnEnd = 'completed', started = true) =>
      endTurn(database, { workflowId: idOf(id), how, started }),
    /** The events that dispatchers find, in order. */
    async pending(): Promise<string[]> {
      const sql = `select event_id from events where state = 'pending' order by id`;
      const rows = await database.run<{ event_id: string }>('test-pending', sql, []);
      return rows.map((row) => row.event_id);
    },
    async state(id: string): Promise<string | undefined> {
      const sql = 'select state from events where event_id = $1';
      return (await database.run<{ state: string }>('test-state', sql, [id]))[0]?.state;
    },
    /** What of the turns there is, by the events' ids. */
    async turns(): Promise<string[]> {
      const sql = `select workflow_id, state from turns order by event, workflow_id`;
      const rows = await database.run<{ workflow_id: string; state: string }>('test-turns', sql, []);
      return rows.map(({ workflow_id: id, state }) => `${id.replace(idOf(''), '')} ${state}`);
    },
  };
}
