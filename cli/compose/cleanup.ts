/** Undo steps, which run in reverse order of how they were added. */
export interface Cleanup {
  add(undo: () => Promise<unknown>): void;
  /** Runs every step once, even if another one fails. Rejects with the first failure. */
  run(): Promise<void>;
}

export function createCleanup(): Cleanup {
  const undos: (() => Promise<unknown>)[] = [];
  return {
    add(undo) {
      undos.push(undo);
    },
    async run() {
      const failures: unknown[] = [];
      for (let undo = undos.pop(); undo !== undefined; undo = undos.pop()) {
        await undo().catch((error: unknown) => failures.push(error));
      }
      if (failures.length > 0) throw failures[0];
    },
  };
}
