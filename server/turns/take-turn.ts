import type { Database } from '../../storage/database.ts';
import type { Laggards } from '../../storage/turns/give-turns.ts';
import { takeTurns, type TurnAnswer } from '../../storage/turns/take-turns.ts';
import { createGroupCommit } from '../group-commit.ts';
import type { TurnDeps } from '../dispatch-event.ts';
import type { FindLaggards } from './find-laggards.ts';

type Request = Parameters<TurnDeps['take']>[0];

/** Requests of events that are dispatched at the same time share their statements. `queued` is called when one has to wait. */
export function createTakeTurn(deps: {
  database: Database;
  findLaggards: FindLaggards;
  queued: () => void;
}): TurnDeps['take'] {
  const { database, findLaggards, queued } = deps;

  async function take(requests: Request[]): Promise<TurnAnswer[]> {
    const last = new Map<string, Request>();
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

  return createGroupCommit<Request, TurnAnswer>({
    commit: take,
    most: { items: 256, bytes: Infinity },
    concurrency: 1,
    limit: 10_000,
  });
}
