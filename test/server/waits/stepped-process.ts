import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Database } from '../../../storage/database.ts';

/** A process that does one statement at a time, when the test says so. */
export interface SteppedProcess {
  /** Does its next statement, a transaction counting as one. Does nothing after its end. */
  step(): Promise<void>;
  /** Does all that is left. */
  finish(): Promise<void>;
  /** How many statements it has done. */
  count(): number;
}

/** Starts `work` on a database whose statements wait for their turns. A process that gets no more turns is one that was killed. */
export function steppedProcess(database: Database, work: (database: Database) => Promise<unknown>): SteppedProcess {
  let turn: (() => void) | undefined;
  let arrived: (() => void) | undefined;
  let left: (() => void) | undefined;
  let ended = false;
  let count = 0;

  async function inTurn<Result>(statement: () => Promise<Result>): Promise<Result> {
    await new Promise<void>((resolve) => {
      turn = resolve;
      arrived?.();
    });
    try {
      return await statement();
    } finally {
      count += 1;
      left?.();
    }
  }

  const own: Database = {
    ...database,
    run: (name, sql, values) => inTurn(() => database.run(name, sql, values)),
    transact: (inTransaction, limits) => inTurn(() => database.transact(inTransaction, limits)),
  };
  const done = work(own).finally(() => {
    ended = true;
    arrived?.();
  });
  done.catch(() => undefined); // `step` and `finish` reject.

  async function step(): Promise<void> {
    if (turn === undefined && !ended) await new Promise<void>((resolve) => (arrived = resolve));
    if (turn === undefined) {
      await done;
      return;
    }
    const begin = turn;
    turn = undefined;
    const statement = new Promise<void>((resolve) => (left = resolve));
    begin();
    await statement;
    await nextTurn(); // The process goes on to its next statement.
  }

  return {
    step,
    async finish() {
      while (!ended) await Promise.race([step(), done]);
      await done;
    },
    count: () => count,
  };
}

/** Every order in which so many steps of two processes can follow each other: `aab`, `aba`, `baa`. */
export function interleavings(a: number, b: number): string[] {
  if (a === 0 || b === 0) return ['a'.repeat(a) + 'b'.repeat(b)];
  return [...interleavings(a - 1, b).map((rest) => `a${rest}`), ...interleavings(a, b - 1).map((rest) => `b${rest}`)];
}
