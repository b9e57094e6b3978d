import { boundedResult, costOf, createBudget, type Budget } from './budget.ts';
import { closest } from './closest.ts';
import { ExpressionError } from './expression-error.ts';
import type { Json, JsonObject } from './json.ts';
import { compatibleOperators } from './operators/compatible.ts';
import type { Application, Operator } from './operators/operator.ts';
import { findOperator, operatorNames } from './operators/operators.ts';
import type { Host, Scope, TriggerScope } from './scope.ts';
import { createTolerance } from './path.ts';

/*
 * JsonLogic (https://jsonlogic.com/operations.html), evaluated by a program of our own. json-logic-js, the reference, cannot
 * be made strict from outside: its `var` walks prototypes and turns what is missing into null, its `map`, `reduce` and `cat`
 * have no place for a limit, and operators are added to a table that everything in the process shares. The tests hold
 * this evaluator against json-logic-js and against the official test file.
 */

/**
 * The value of an expression. Throws an {@link ExpressionError} on a path that is missing, an unknown operator, a wrong
 * number or type of arguments, a result that is not finite, and beyond the limits of `budget.ts`. Without a `host`, `now` and
 * `uuid` are errors: a trigger is asked before there is a run.
 */
export function evaluateLogic(logic: Json, scope: Scope | TriggerScope, host?: Host): Json {
  return boundedResult(evaluateWithin(createBudget(), logic, scope, host));
}

/** As {@link evaluateLogic}, for a part of a larger whole: the caller shares the budget and bounds the whole result. */
export function evaluateWithin(budget: Budget, logic: Json, scope: Scope | TriggerScope, host?: Host): Json {
  return createEvaluator({ budget, compatible: false, host })(logic, scope as unknown as Json); // Its roots are all JSON.
}

/** Plain JsonLogic over any data: what is missing is null and types are JavaScript's affair. For the conformance tests. */
export function evaluateCompatible(logic: Json, data: Json): Json {
  return boundedResult(createEvaluator({ budget: createBudget(), compatible: true, host: undefined })(logic, data));
}

/** The operator of `{"<operator>": <arguments>}`; undefined where the object is not of that form. */
export function operatorOf(value: JsonObject): { name: string; operator: Operator } | undefined {
  const keys = Object.keys(value);
  const [name] = keys;
  if (name === undefined || keys.length > 1) return undefined;
  const operator = findOperator(name);
  return operator === undefined ? undefined : { name, operator };
}

/** JsonLogic's shorthand: an argument that is not a list stands for a list of it. */
export function argumentsOf(name: string, value: JsonObject): Json[] {
  const args = value[name] ?? null;
  return Array.isArray(args) && name !== 'literal' ? args : [args];
}

/** Whether the operator takes that many arguments. */
export function takes({ arity: [min, max] }: Operator, count: number): boolean {
  return count >= min && count <= max;
}

type Settings = Pick<Application, 'budget' | 'compatible' | 'host'>;

function createEvaluator({ budget, compatible, host }: Settings): Application['evaluate'] {
  const tolerance = createTolerance();

  function evaluate(logic: Json, data: Json): Json {
    budget.charge(1);
    if (logic === null || typeof logic !== 'object') return logic;
    budget.enter();
    try {
      return Array.isArray(logic) ? logic.map((item) => evaluate(item, data)) : apply(logic, data);
    } finally {
      budget.leave();
    }
  }

  function apply(logic: JsonObject, data: Json): Json {
    if (compatible && Object.keys(logic).length !== 1) return logic;
    const { name, operator } = resolve(logic, compatible);
    const written = argumentsOf(name, logic);
    if (!compatible && !takes(operator, written.length)) throw wrongCount(name, operator, written.length);
    const args = operator.lazy === true ? written : written.map((arg) => evaluate(arg, data));
    if (operator.lazy !== true) for (const arg of args) budget.charge(costOf(arg));
    return operator.apply({ name, args, data, evaluate, ...tolerance, budget, compatible, host });
  }

  return evaluate;
}

function resolve(logic: JsonObject, compatible: boolean): { name: string; operator: Operator } {
  const found = operatorOf(logic);
  if (found === undefined) throw notAnOperator(logic);
  const override = compatible && Object.hasOwn(compatibleOperators, found.name);
  return override ? { ...found, operator: compatibleOperators[found.name] ?? found.operator } : found;
}

/** An object is an expression here or a mistake: taken as data it would be true, and so would be the guard. */
function notAnOperator(logic: JsonObject): ExpressionError {
  const keys = Object.keys(logic);
  if (keys.length !== 1) {
    return new ExpressionError(
      'KAIT_EXPRESSION_INVALID',
      `An expression is an object with exactly one operator, and this one has ${keys.length} keys. Data goes into {"literal": …}.`,
    );
  }
  const name = (keys[0] ?? '').slice(0, 40);
  const near = closest(name, operatorNames);
  const hint = near === undefined ? '' : ` Did you mean "${near}"?`;
  return new ExpressionError('KAIT_EXPRESSION_INVALID', `There is no operator "${name}".${hint}`);
}

function wrongCount(name: string, operator: Operator, count: number): ExpressionError {
  return new ExpressionError(
    'KAIT_EXPRESSION_INVALID',
    `"${name}" takes ${describeArity(operator)}, and got ${count}.`,
  );
}

/** `2 arguments`, `2 or 3 arguments`, `at least 1 argument`, `any number of arguments`. */
export function describeArity({ arity: [min, max] }: Operator): string {
  const noun = (max === Infinity ? min : max) === 1 ? 'argument' : 'arguments';
  if (max === Infinity) return min === 0 ? 'any number of arguments' : `at least ${min} ${noun}`;
  if (min === max) return `${min} ${noun}`;
  return `${min}${max - min === 1 ? ' or' : ' to'} ${max} ${noun}`;
}
