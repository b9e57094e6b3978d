/** What has to be undone, in reverse order of how it came about. */
export interface Cleanup {
  add(undo: () => Promise<unknown>): void;
  /** Runs each once; one that fails does not keep the others from running. Rejects with the first failure. */
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
