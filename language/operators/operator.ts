import type { Budget } from '../budget.ts';
import { ExpressionError } from '../expression-error.ts';
import type { Json, JsonObject } from '../json.ts';
import type { Host } from '../scope.ts';
import type { Tolerance } from '../path.ts';

/** One application of an operator. */
export interface Application extends Tolerance {
  /** For messages. */
  name: string;
  /** Evaluated already, except for operators with `lazy`. */
  args: Json[];
  /** Where paths start: the scope, or the current item inside `map` and similar operators. */
  data: Json;
  /** Evaluates an expression whose paths start at `data`. */
  evaluate: (logic: Json, data: Json) => Json;
  /** Evaluates an expression whose paths start at the roots of the run, and at these names. */
  evaluateWith: (logic: Json, names: JsonObject) => Json;
  /** Fills in a template whose paths start at `data`. */
  render: (template: Json, data: Json) => Json;
  budget: Budget;
  /** Undefined outside of a run. */
  host: Host | undefined;
}

export interface Operator {
  /** The number of arguments that it takes. */
  arity: [min: number, max: number];
  /** Evaluates its arguments itself. */
  lazy?: boolean;
  apply(application: Application): Json;
}

export type OperatorTable = Readonly<Record<string, Operator>>;

/** Truth as in JsonLogic: as in JavaScript, but an empty list is false. */
export function isTruthy(value: Json): boolean {
  return Array.isArray(value) ? value.length > 0 : Boolean(value);
}

/** The types that JSON tells apart, for messages. */
export function typeName(value: Json): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'a list' : `${typeof value === 'object' ? 'an' : 'a'} ${typeof value}`;
}

export function wrongType(name: string, expected: string, got: Json): ExpressionError {
  return new ExpressionError('KAIT_EXPRESSION_TYPE', `"${name}" expects ${expected}, got ${typeName(got)}.`);
}
