import { confirmStep } from '../language/confirm-step.ts';
import { shortWaitMs, type TurnEnd } from '../language/turns.ts';
import type { RunInput } from '../language/definition.ts';
import type { Effects } from './effects.ts';
import type { RunState } from './run-state.ts';

/** A run's turn: while it has one, other runs of its definition may wait for it. */
export interface Turn {
  /** The run begins to wait for so long: `Infinity` for an event or a person. Resolves once the turn is free, if that frees it. */
  waits(ms: number): Promise<void> | undefined;
  /** A step with this failure parks. */
  parks(failure: { type: string; stepId: string }): Promise<void> | undefined;
  /** The run has ended with its output, a failure or a cancellation, and undone what it must. */
  ends(outcome: 'completed' | 'canceled' | { type: string; stepId: string | null }): Promise<void> | undefined;
}

/** Undefined: nothing is to be done. A run gives its turn back once, over all the times that it continues as new. */
export function createTurn(deps: {
  input: RunInput;
  state: RunState;
  effects: Effects;
  noted: (text: string) => void;
}): Turn {
  const { input, state, effects, noted } = deps;
  const { hold = 'active', onPoison = 'skip' } = input.definition;

  function free(how: TurnEnd): Promise<void> | undefined {
    if (input.holdsTurn !== true || state.turnEnded === true) return undefined;
    state.turnEnded = true;
    // If that fails for good, the server sees in a while that the run has ended. It must not change how.
    return effects
      .shielded(() => effects.endTurn(how))
      .catch((error: unknown) => noted(`The run could not give its turn back: ${effects.describe(error).message}`));
  }

  return {
    waits: (ms) => (hold === 'active' && ms > shortWaitMs ? free('waits') : undefined),
    parks(failure) {
      if (isDenied(failure)) return free('denied');
      return onPoison === 'park' || (hold === 'active' && onPoison === 'skip') ? free('waits') : undefined;
    },
    ends: (outcome) => free(typeof outcome === 'string' ? outcome : isDenied(outcome) ? 'denied' : 'failed'),
  };
}

/** A stranger may have made the event up. It must neither keep a key nor take the place of another event. */
function isDenied({ type, stepId }: { type: string; stepId: string | null }): boolean {
  return stepId === confirmStep.id && type === 'Unconfirmed';
}
