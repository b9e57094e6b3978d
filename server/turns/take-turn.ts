import type { Database } from '../../storage/database.ts';
import type { Laggards } from '../../storage/turns/give-turns.ts';
import { takeTurns, type TurnAnswer, type TurnRequest } from '../../storage/turns/take-turns.ts';
import { createGroupCommit } from '../group-commit.ts';
import type { LoadedDefinition } from '../load-definitions.ts';
import type { FindLaggards } from './find-laggards.ts';

/** Takes a turn for a run of an event that is being dispatched. Resolves once that is committed. Safe to repeat. */
export type TakeTurn = (request: TurnRequest & { loaded: LoadedDefinition }) => Promise<TurnAnswer>;

/** Requests of events that are dispatched at the same time share their statements. `queued` is called when one has to wait. */
export function createTakeTurn(deps: { database: Database; findLaggards: FindLaggards; queued: () => void }): TakeTurn {
  const { database, findLaggards, queued } = deps;

  async function take(requests: Parameters<TakeTurn>[0][]): Promise<TurnAnswer[]> {
    const last = new Map<string, Parameters<TakeTurn>[0]>();
    for (const each of requests) {
      if (each.event >= (last.get(each.definition)?.event ?? 0)) last.set(each.definition, each);
    }
    // Looked up before the turns are taken: what is stored later did not come before any of these events.
    const laggards = new Map<string, Laggards>();
    for (const { definition, loaded, rules, event } of last.values()) {
      laggards.set(definition, await findLaggards(loaded, rules, event));
    }
    const answers = await takeTurns(database, requests, laggards);
    if (answers.some(({ kind }) => kind === 'queued')) queued();
    return answers;
  }

  return createGroupCommit<Parameters<TakeTurn>[0], TurnAnswer>({
    commit: take,
    most: { items: 256, bytes: Infinity },
    concurrency: 1,
    limit: 10_000,
  });
}
