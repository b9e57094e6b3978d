import { explainCondition } from '../language/explain-condition.ts';
import type { Json, JsonObject } from '../language/json.ts';
import type { ShownDecision } from '../language/run-details.ts';
import type { Scope } from '../language/scope.ts';
import { scopeSeen, seenBy } from '../language/seen-values.ts';
import type { Decision } from './run-context.ts';

/**
 * What a run remembers only so that people can look at it: the inputs of its calls and what its conditions saw. Bounded, because a worker keeps
 * thousands of waiting runs in memory. Not carried along when the run continues as new.
 */
export interface RunMemory {
  decided: (decision: Decision) => void;
  /** `bytes`: of the input as JSON. */
  requested: (call: { key: string; input: JsonObject; bytes: number }) => void;
  decisions: () => ShownDecision[];
  /** Undefined: it was not requested in this run, or is no longer kept. Null: it was too large. */
  inputOf: (key: string) => JsonObject | null | undefined;
}

const mostDecisions = 200;
/** A loop must not push out what others have decided. */
const mostOfOneStep = 10;
const mostInputs = 100;
/** Bytes of JSON of one input, and of all. */
const mostOfOneInput = 2_000;
const mostOfInputs = 20_000;

type Kept = Omit<Decision, 'scope' | 'logic'> & { atMs: number } & (
    { logic: Json; seen: JsonObject; text?: undefined } | { text: string }
  );

type Lasting = Pick<Scope, 'event' | 'settings' | 'run'>;

export function createRunMemory(nowMs: () => number): RunMemory {
  const decisions: Kept[] = [];
  /** Of the decisions, by step. */
  const counts = new Map<string, number>();
  const inputs = new Map<string, { input: JsonObject | null; bytes: number }>();
  let inputBytes = 0;
  /** The same for all conditions. */
  let lasting: Lasting | undefined;

  function forget(key: string): void {
    inputBytes -= inputs.get(key)?.bytes ?? 0;
    inputs.delete(key);
  }

  function makeRoom(stepId: string): void {
    const count = counts.get(stepId) ?? 0;
    const isOwn = count >= mostOfOneStep;
    if (isOwn || decisions.length >= mostDecisions) {
      const position = isOwn ? decisions.findIndex((each) => each.stepId === stepId) : 0;
      const [gone] = decisions.splice(position, 1);
      if (gone !== undefined) counts.set(gone.stepId, (counts.get(gone.stepId) ?? 0) - 1);
    }
    counts.set(stepId, (counts.get(stepId) ?? 0) + 1);
  }

  return {
    decided({ scope, logic, ...decision }) {
      makeRoom(decision.stepId);
      const atMs = nowMs();
      const seen = seenBy(logic, scope);
      const how = seen === null ? { text: explainCondition(logic, { scope, nowMs: atMs }) } : { logic, seen };
      decisions.push({ ...decision, atMs, ...how });
      const { event, settings, run } = scope;
      lasting ??= { event, run, ...(settings && { settings }) };
    },
    requested({ key, input, bytes }) {
      forget(key);
      const isSmall = bytes <= mostOfOneInput;
      inputs.set(key, { input: isSmall ? input : null, bytes: isSmall ? bytes : 0 });
      inputBytes += isSmall ? bytes : 0;
      for (const oldest of inputs.keys()) {
        if (inputs.size <= mostInputs && inputBytes <= mostOfInputs) break;
        forget(oldest);
      }
    },
    decisions: () => decisions.map((each) => shownDecision(each, lasting)),
    inputOf: (key) => inputs.get(key)?.input,
  };
}

function shownDecision(kept: Kept, lasting: Lasting = { event: null, run: { id: '', definition: '' } }): ShownDecision {
  const { key, stepId, position, value, atMs } = kept;
  const because = kept.text ?? explainCondition(kept.logic, { scope: scopeSeen(kept.seen, lasting), nowMs: atMs });
  return { key, step: stepId, position, value, because, at: new Date(atMs).toISOString() };
}
