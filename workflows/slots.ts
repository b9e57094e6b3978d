/** Places at which steps wait for an answer from outside, by the step's key. */
export interface Slots<Answer extends { step: string }> {
  /** Opens a step's slot. What reached it before the run continued as new is there already. */
  open(key: string): Slot<Answer>;
  /** Throws an Error that says what waits, where that step does not, or has its answer. */
  put(answer: Answer): void;
  /** Answers that their steps have not looked at yet; for a run that continues as new. */
  unread(): Answer[];
}

export interface Slot<Answer> {
  answer: () => Answer | undefined;
  close: () => void;
}

/** `waits`: what a step with an open slot does, for messages: `is parked`. */
export function createSlots<Answer extends { step: string }>(waits: string, unread: Answer[]): Slots<Answer> {
  const slots = new Map<string, Answer | null>(unread.map((each) => [each.step, each]));
  return {
    open(key) {
      if (!slots.has(key)) slots.set(key, null);
      return { answer: () => slots.get(key) ?? undefined, close: () => void slots.delete(key) };
    },
    put(answer) {
      if (slots.get(answer.step) !== null) throw new Error(notWaiting(waits, answer.step, [...slots.keys()]));
      slots.set(answer.step, answer);
    },
    unread: () => [...slots.values()].filter((answer) => answer !== null),
  };
}

function notWaiting(waits: string, step: string, waiting: string[]): string {
  const others = waiting.length === 0 ? 'No step does.' : `These do: ${waiting.join(', ')}.`;
  return `No step "${step}" ${waits}, or it has its answer already. ${others}`;
}
