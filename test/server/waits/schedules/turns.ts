import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Scheduler } from 'fast-check';
import type { Database } from '../../../../storage/database.ts';

/** A process died at a statement: before it, or after it but before the process knew the outcome. */
class Killed extends Error {}

/** What goes wrong at one statement, counted over all processes. */
export interface Mishap {
  at: number;
  /**
   * `abandoned`: the process goes on, but is taken for dead, and its work is begun again beside it. `lost`: a worker dies with all that its run
   * has done and not told Temporal yet.
   */
  kind: 'before' | 'after' | 'abandoned' | 'lost';
}

/** Lets one process after the other do its next statement. */
export interface Turns {
  /** Waits for its turn, then does the statement. Rejects with `Killed` if the process dies. */
  take<Result>(label: string, life: Life, statement: () => Promise<Result>): Promise<Result>;
  /** Does work that nothing else may interrupt, at once. */
  aside(work: () => Promise<void>): Promise<void>;
  /** The database as a process sees it: each statement waits for its turn, a transaction counting as one. */
  databaseOf(database: Database, name: string, life: Life): Database;
  /** Does everything that is to be done, in the scheduler's order. `settle` is called after each turn. */
  untilIdle(settle: () => boolean): Promise<void>;
}

/** A process from its start to its end. */
export interface Life {
  dead: boolean;
  /** Called once it is taken for dead. */
  onEnd: () => void;
  /** Makes the run of an attempt begin anew. */
  lose?: () => void;
}

/** `begunAgain` is called once. */
export function newLife(begunAgain: () => void, lose?: () => void): Life {
  const life: Life = {
    dead: false,
    onEnd() {
      life.onEnd = () => undefined;
      begunAgain();
    },
    ...(lose && { lose }),
  };
  return life;
}

/** The mishaps happen at the statements with their numbers. */
export function createTurns(scheduler: Scheduler, mishaps: readonly Mishap[]): Turns {
  const kinds = new Map(mishaps.map(({ at, kind }) => [at, kind]));
  let number = 0;
  let underWay = 0;

  async function take<Result>(label: string, life: Life, statement: () => Promise<Result>): Promise<Result> {
    await scheduler.schedule(Promise.resolve(), label);
    if (life.dead) return new Promise(() => undefined); // Nobody waits for what a dead process would have done.
    number += 1;
    const mishap = kinds.get(number);
    if (mishap === 'abandoned') life.onEnd();
    if (mishap === 'before') throw end(life, label);
    const result = await counted(statement);
    if (mishap === 'lost' && life.lose !== undefined) {
      life.lose();
      return new Promise(() => undefined);
    }
    if (mishap === 'after' || mishap === 'lost') throw end(life, label);
    return result;
  }

  async function counted<Result>(work: () => Promise<Result>): Promise<Result> {
    underWay += 1;
    try {
      return await work();
    } finally {
      underWay -= 1;
    }
  }

  function end(life: Life, label: string): Killed {
    life.dead = true;
    life.onEnd();
    return new Killed(`killed at ${label}`);
  }

  /** Until each process waits for its turn or has nothing to do: group commits leave at the end of an event loop's turn. */
  async function untilQuiet(settle: () => boolean): Promise<void> {
    for (let quiet = 0; quiet < 3; quiet += 1) {
      await nextTurn();
      if (underWay > 0 || settle()) quiet = -1;
    }
  }

  return {
    take,
    aside: counted,
    databaseOf: (database, name, life) => ({
      ...database,
      run: (statement, sql, values) => take(`${name}: ${statement}`, life, () => database.run(statement, sql, values)),
      transact: (work, limits) => take(`${name}: transaction`, life, () => database.transact(work, limits)),
    }),
    async untilIdle(settle) {
      await untilQuiet(settle);
      while (scheduler.count() > 0) {
        await scheduler.waitNext(1, async (act) => {
          await act();
          await untilQuiet(settle);
        });
      }
    },
  };
}
