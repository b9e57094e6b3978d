import type { Definition } from '../language/definition.ts';
import { mostDebounces } from '../language/turns.ts';

const holds = {
  active: 'until it first waits for an event, a person, or longer than a minute',
  run: 'to its end',
};

const taken = {
  queue: 'An event whose key is taken waits.',
  skip: 'An event whose key is taken starts no run.',
  latest: 'An event whose key is taken waits. Only the latest one does; others are merged into it.',
};

const poisons = {
  skip: 'The key of a run that fails goes to the next one.',
  block: 'A run that fails keeps its key until an operator frees it or has its event run again.',
  park: 'A run that fails parks, and its key goes to the next one.',
};

/** When runs of a definition may start, as sentences. Empty: at once. */
export function explainTurns({ key, hold = 'active', limits = {}, onPoison = 'skip' }: Definition): string[] {
  const { perKey = 'queue', debounce, rate, concurrent } = limits;
  return [
    ...(key === undefined
      ? []
      : [
          `Runs with the same ${typeof key === 'string' ? key : JSON.stringify(key)} go one at a time. Each keeps the key ${holds[hold]}.`,
          ...(debounce === undefined ? [taken[perKey]] : perKey === 'skip' ? [taken.skip] : []),
          poisons[onPoison],
        ]),
    ...(debounce === undefined
      ? []
      : [
          `A run starts when its key has had no new event for ${debounce}, or ${mostDebounces} times that after the first. Events before the last are merged into it.`,
        ]),
    ...(rate === undefined ? [] : [`At most ${rate.max} runs start in any ${rate.per}.`]),
    ...(concurrent === undefined ? [] : [`At most ${concurrent} runs are active at once.`]),
  ];
}
