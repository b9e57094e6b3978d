/** Waits for something to become true. */
export interface Conditions {
  /** Calls `met` once `holds` does; see {@link release}. `summary`: what is waited for, as operators see it. */
  add(condition: Condition): { remove: () => void };
  /** Asks every condition and calls those that hold, the oldest first. Returns whether any did. */
  release(): boolean;
  /** The summaries of what is waited for still. */
  open(): string[];
}

export interface Condition {
  holds: () => boolean;
  met: () => void;
  summary: string;
}

export function createConditions(): Conditions {
  const waiting = new Set<Condition>();
  return {
    add(condition) {
      waiting.add(condition);
      return { remove: () => void waiting.delete(condition) };
    },
    release() {
      const met = [...waiting].filter((condition) => condition.holds());
      for (const condition of met) {
        waiting.delete(condition);
        condition.met();
      }
      return met.length > 0;
    },
    open: () => [...waiting].map(({ summary }) => summary),
  };
}
