import { cutText } from './well-formed.ts';
import { boundedResult, costOf, createBudget, type Budget } from './budget.ts';
import { closest } from './closest.ts';
import { ExpressionError } from './expression-error.ts';
import { isObject, type Json, type JsonObject } from './json.ts';
import type { Operator } from './operators/operator.ts';
import { argumentsOf, describeArity, operatorNames, operatorOf, takes } from './operators/operators.ts';
import { createTolerance } from './path.ts';
import type { Host, Scope, TriggerScope } from './scope.ts';
import { createRenderer, type Renderer } from './template.ts';
import { fillUrl, type UrlTemplate, type UrlValues } from './url-template.ts';

/*
 * JsonLogic (https://jsonlogic.com/operations.html), evaluated strictly by an evaluator of our own. json-logic-js cannot be made
 * strict from outside: it reads a missing path as null and converts types silently. The tests hold this evaluator against
 * json-logic-js. Rules that need its semantics run on it through the operator `jsonlogic`.
 */

/**
 * Evaluates an expression. Throws an {@link ExpressionError} on a missing path, an unknown operator, a wrong number or type of
 * arguments, a result that is not finite, and beyond the limits in `budget.ts`. Without a `host`, `now` and `uuid` are errors:
 * a trigger is tested before a run exists.
 */
export function evaluateLogic(logic: Json, scope: Scope | TriggerScope, host?: Host): Json {
  return metered(host, (budget) => {
    const { evaluate } = createEvaluator({ budget, host, roots: rootsOf(scope), namesOperation: true });
    return boundedResult(evaluate(logic, rootsOf(scope)), budget);
  });
}

/**
 * Fills in a template. Texts may hold `{{path}}`: alone, it keeps the type of the value; within longer text, the value must be a
 * text, a number or a boolean. An object whose only key is an operator is evaluated; `{"literal": x}` gives x. Keys are never
 * templates. Throws an {@link ExpressionError} as expressions do, and above 262,144 characters of JSON.
 */
export function renderTemplate(template: Json, scope: Scope | TriggerScope, host?: Host): Json {
  return metered(host, (budget) => {
    const { render } = createEvaluator({ budget, host, roots: rootsOf(scope) });
    return boundedResult(render(template, rootsOf(scope)), budget);
  });
}

/**
 * Fills in an object whose keys the author chose (`with`, `set`). Otherwise like {@link renderTemplate}, but a single key that is
 * also the name of an operator, such as `max`, stays a key.
 */
export function renderFields(fields: Record<string, Json>, scope: Scope, host?: Host): JsonObject {
  return metered(host, (budget) => {
    const { renderMembers } = createEvaluator({ budget, host, roots: rootsOf(scope) });
    const rendered = renderMembers(fields, rootsOf(scope));
    boundedResult(rendered, budget);
    return rendered;
  });
}

function metered<Value>(host: Host | undefined, work: (budget: Budget) => Value): Value {
  const budget = createBudget();
  try {
    return work(budget);
  } finally {
    host?.worked?.(budget.spent());
  }
}

/** Fills in the URL of an `http` step; see {@link fillUrl}. */
export function renderUrl(template: UrlTemplate, scope: Scope, constantAt: UrlValues['constantAt']): string {
  const { valueAt } = createTolerance();
  return fillUrl(template, { valueAt: (path) => valueAt(path, rootsOf(scope)), constantAt });
}

function rootsOf(scope: Scope | TriggerScope): Json {
  return scope as unknown as Json; // All its roots are JSON.
}

export interface Evaluator extends Renderer {
  /** Evaluates an expression whose paths start at `data`. Does not bound the result. */
  evaluate: (logic: Json, data: Json) => Json;
}

/** Creates an evaluator for one expression or template: everything that it evaluates shares the budget. */
export function createEvaluator({
  budget,
  host,
  roots,
  namesOperation = false,
}: {
  budget: Budget;
  host: Host | undefined;
  /** Where the paths of the whole expression or template start. */
  roots: Json;
  /** Whether errors name the operation that failed. */
  namesOperation?: boolean;
}): Evaluator {
  const tolerance = createTolerance();
  let named: JsonObject = {};
  const renderer = createRenderer({ budget, evaluate, valueAt: tolerance.valueAt });

  function evaluate(logic: Json, data: Json): Json {
    budget.charge(1);
    if (logic === null || typeof logic !== 'object') return logic;
    budget.enter();
    try {
      return Array.isArray(logic) ? logic.map((item) => evaluate(item, data)) : apply(logic, data);
    } catch (error) {
      if (namesOperation && error instanceof ExpressionError && data === roots && isObject(logic)) {
        error.operation ??= logic;
      }
      throw error;
    } finally {
      budget.leave();
    }
  }

  function apply(logic: JsonObject, data: Json): Json {
    const found = operatorOf(logic);
    if (found === undefined) throw notAnOperator(logic);
    const { name, operator } = found;
    const written = argumentsOf(name, logic);
    if (!takes(operator, written.length)) throw wrongCount(name, operator, written.length);
    const args = operator.lazy === true ? written : written.map((arg) => evaluate(arg, data));
    if (operator.lazy !== true) for (const arg of args) budget.charge(costOf(arg));
    const { render } = renderer;
    return operator.apply({ name, args, data, evaluate, evaluateWith, render, ...tolerance, budget, host });
  }

  /** Names of enclosing operators stay visible, so that an inner list can be compared with the item of the outer one. */
  function evaluateWith(logic: Json, names: JsonObject): Json {
    const outer = named;
    named = { ...outer, ...names };
    budget.charge(2);
    try {
      return evaluate(logic, { ...(isObject(roots) ? roots : {}), ...named });
    } finally {
      named = outer;
    }
  }

  return { evaluate, ...renderer };
}

/** An object in an expression is an operation or a mistake: taken as data it would be true, and so would be the guard. */
function notAnOperator(logic: JsonObject): ExpressionError {
  const keys = Object.keys(logic);
  if (keys.length !== 1) {
    return new ExpressionError(
      'KAIT_EXPRESSION_INVALID',
      `An expression is an object with exactly one operator, but this one has ${keys.length} keys. Put data into {"literal": …}.`,
    );
  }
  const name = cutText(keys[0] ?? '', 40);
  const near = closest(name, operatorNames);
  const hint = near === undefined ? '' : ` Did you mean "${near}"?`;
  return new ExpressionError('KAIT_EXPRESSION_INVALID', `Unknown operator "${name}".${hint}`);
}

function wrongCount(name: string, operator: Operator, count: number): ExpressionError {
  return new ExpressionError('KAIT_EXPRESSION_INVALID', `"${name}" takes ${describeArity(operator)}, got ${count}.`);
}
