/** Something to do in a round. The key tells the same thing again in the next round. */
export interface Turn {
  key: string;
  act: () => Promise<void>;
}

/** Does many things in rounds. */
export interface FairRounds {
  /** Resolves to the failures by their keys. Rejects only if the turns cannot be listed. */
  run(turns: AsyncIterable<Turn>): Promise<Map<string, unknown>>;
}

/** So many failures, one after the other, end a round: whoever is asked is away. */
const mostInRow = 3;

/**
 * Lets nothing that fails keep anything else from its turn: a round goes on after a failure, and what failed in one round comes last in
 * the next.
 */
export function createFairRounds(): FairRounds {
  let failedBefore = new Set<string>();

  return {
    async run(turns) {
      const failures = new Map<string, unknown>();
      const postponed: Turn[] = [];
      let inRow = 0;
      const take = async ({ key, act }: Turn) => {
        try {
          await act();
          failedBefore.delete(key);
          inRow = 0;
        } catch (error) {
          failures.set(key, error);
          inRow += 1;
        }
      };
      try {
        for await (const turn of turns) {
          if (failedBefore.has(turn.key)) postponed.push(turn);
          else await take(turn);
          if (inRow === mostInRow) break;
        }
        for (const turn of postponed) if (inRow < mostInRow) await take(turn);
      } finally {
        const untried = postponed.map(({ key }) => key).filter((key) => failedBefore.has(key));
        failedBefore = new Set([...failures.keys(), ...untried]);
      }
      return failures;
    },
  };
}
