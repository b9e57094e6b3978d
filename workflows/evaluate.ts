import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { evaluateLogic } from '../language/expression.ts';
import type { Json, JsonObject } from '../language/json.ts';
import { isTruthy } from '../language/operators/operator.ts';
import type { Host, Scope } from '../language/scope.ts';
import { renderFields, renderTemplate } from '../language/template.ts';
import type { Place } from './run-context.ts';
import { RunError } from './run-error.ts';

/** Fills in a template as seen from the step. Throws a {@link RunError} `ExpressionFailed` that names the step. */
export function render(template: Json, place: Place): Json {
  return evaluating(place, () => renderTemplate(template, scopeOf(place), hostOf(place)));
}

/** As {@link render}, for an object whose keys are names: one that is also an operator's stays a name. */
export function renderNames(fields: Record<string, Json> | undefined, place: Place): JsonObject {
  return evaluating(place, () => renderFields(fields ?? {}, scopeOf(place), hostOf(place)));
}

/** As {@link render}, for what a person reads. */
export function renderText(template: string, place: Place): string {
  const value = render(template, place);
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Decides a condition and tells the observer. `signal`: the event that a `where` looks at. */
export function holds(logic: Json, position: string, place: Place, signal?: Json): boolean {
  const scope = signal === undefined ? scopeOf(place) : { ...scopeOf(place), signal };
  const value = evaluating(place, () => isTruthy(evaluateLogic(logic, scope, hostOf(place))));
  const { key, stepId } = place;
  place.run.observer.decided?.({ key, stepId, position, logic, scope, value });
  return value;
}

/** The roots that expressions and templates see. */
export function scopeOf({ run, frame }: Pick<Place, 'run' | 'frame'>): Scope {
  return {
    ...frame.locals,
    event: run.input.event as unknown as Json, // An envelope is JSON by construction; interfaces lack the index signature.
    steps: frame.outputs,
    status: frame.status,
    vars: run.state.vars,
    run: { id: run.runId, definition: run.input.definition.name },
  };
}

function hostOf({ run, key }: Place): Host {
  return { nowMs: () => run.effects.now(), uuid: () => nextUuid(run.runId, key, run.uuids) };
}

/**
 * A UUID of version 8 (RFC 9562, section 5.8) from the run, the step and a count: the same again when a step is tried again or
 * its history is replayed, also by one that does not follow the run from its start.
 */
function nextUuid(runId: string, key: string, counts: Map<string, number>): string {
  const count = counts.get(key) ?? 0;
  counts.set(key, count + 1);
  const bytes = sha256(utf8ToBytes(`${runId}\n${key}\n${count}`)).slice(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytesToHex(bytes);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** A mistake in the author's expression fails the step at once: repeating it cannot help. */
function evaluating<Value>({ stepId }: Place, evaluate: () => Value): Value {
  try {
    return evaluate();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const named = stepId === outputPlace || stepId === varsPlace;
    const where = named ? `The ${stepId.slice(1)}` : `Step "${stepId}"`;
    throw new RunError('ExpressionFailed', named ? null : stepId, `${where}: ${why}`, { cause: error });
  }
}

/** Places that are no step's; `$` cannot start an id. */
export const outputPlace = '$output';
export const varsPlace = '$vars';
