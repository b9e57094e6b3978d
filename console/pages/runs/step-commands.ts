import { type FullRun, type RunStep, stepOfKey } from './run-state.ts';

export type StepCommand = 'retry' | 'skip' | 'set-result' | 'edit-input';

/** A key of a step that takes commands now, with those that it takes. */
export interface Steerable {
  key: string;
  state: 'parked' | 'calling' | 'waiting';
  commands: StepCommand[];
}

const waits: readonly string[] = ['wait', 'waitFor'];
const calls: readonly string[] = ['call', 'http', 'emit'];

/** Which commands the passages of a step take now. In a loop, each passage has its own key. */
export function commandsOf(
  { details }: Pick<FullRun, 'details'>,
  { id, verb }: Pick<RunStep, 'id' | 'verb'>,
): Steerable[] {
  const own = (details?.commandable ?? []).filter(({ key }) => stepOfKey(key) === id);
  return own.map(({ key, state }) => ({ key, state, commands: commandsIn(state, verb) }));
}

function commandsIn(state: Steerable['state'], verb: string): StepCommand[] {
  if (state === 'waiting' && waits.includes(verb)) return ['skip', 'set-result'];
  if (state === 'waiting') return ['retry', 'skip', 'set-result'];
  return calls.includes(verb) ? ['retry', 'edit-input', 'set-result', 'skip'] : ['retry', 'skip', 'set-result'];
}
