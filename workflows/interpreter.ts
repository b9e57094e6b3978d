import type { RunInput, Step } from '../language/definition.ts';
import { evaluateLogic } from '../language/expression.ts';
import type { Json, JsonObject } from '../language/json.ts';
import { isTruthy } from '../language/operators/operator.ts';
import { renderFields, renderTemplate } from '../language/template.ts';
import type { Effects } from './effects.ts';
import { RunError } from './run-error.ts';
import { allSteps, newRunState, scopeOf, type RunState } from './run-state.ts';
import { performStep } from './verbs/perform-step.ts';

/** A run of one definition for one event. */
export interface Interpreter {
  /** Runs the steps in order; resolves to the definition's `output`. Rejects with a {@link RunError}. Call it once. */
  execute(): Promise<Json>;
  /** Live; for queries. */
  state: RunState;
}

/** What a verb may use of the run it belongs to. */
export interface RunContext {
  input: RunInput;
  state: RunState;
  effects: Effects;
  runSteps(steps: Step[]): Promise<void>;
  runStep(step: Step): Promise<void>;
  /** Marks the step and all below it as skipped; their outputs are null. */
  skip(step: Step): void;
  render(stepId: string, template: Json): Json;
  /** As `render`, for an object whose keys are names: one that is also an operator's stays a name. */
  renderFields(stepId: string, fields: Record<string, Json>): JsonObject;
  holds(stepId: string, logic: Json): boolean;
}

/**
 * Interprets a definition by `effects`. Deterministic: the same input and the same outcomes of the effects make the same
 * calls in the same order. `onChange` is told after each change of a step's status.
 */
export function createInterpreter(
  input: RunInput,
  runId: string,
  effects: Effects,
  onChange: (state: RunState) => void,
): Interpreter {
  const { definition } = input;
  const state = newRunState(definition.steps);
  const scope = () => scopeOf(input, runId, state);

  const run: RunContext = {
    input,
    state,
    effects,
    runSteps,
    runStep,
    skip(step) {
      for (const { id } of allSteps([step])) {
        state.outputs[id] = null;
        state.status[id] = 'skipped';
      }
      onChange(state);
    },
    render: (stepId, template) => evaluating(stepId, () => renderTemplate(template, scope())),
    renderFields: (stepId, fields) => evaluating(stepId, () => renderFields(fields, scope())),
    holds: (stepId, logic) => evaluating(stepId, () => isTruthy(evaluateLogic(logic, scope()))),
  };

  async function execute(): Promise<Json> {
    await runSteps(definition.steps);
    return evaluating(null, () => renderTemplate(definition.output ?? null, scope()));
  }

  async function runSteps(steps: Step[]): Promise<void> {
    for (const step of steps) await runStep(step);
  }

  async function runStep(step: Step): Promise<void> {
    state.startedAt[step.id] = effects.now();
    try {
      if (isSkippedByGuard(step)) {
        run.skip(step);
        return;
      }
      mark(step.id, 'running');
      state.outputs[step.id] = await performStep(step, run);
      mark(step.id, 'done');
    } catch (error) {
      if (!effects.isCancellation(error)) state.errors[step.id] = effects.reason(causeOf(error));
      mark(step.id, effects.isCancellation(error) ? 'canceled' : 'failed');
      throw error;
    } finally {
      state.endedAt[step.id] = effects.now();
    }
  }

  function isSkippedByGuard(step: Step): boolean {
    return !('then' in step) && step.if !== undefined && !run.holds(step.id, step.if);
  }

  function mark(stepId: string, status: 'running' | 'done' | 'failed' | 'canceled'): void {
    state.status[stepId] = status;
    onChange(state);
  }

  return { execute, state };
}

/** Beside the step's name in a list, only what went wrong is of interest. */
function causeOf(error: unknown): unknown {
  return error instanceof RunError ? (error.cause ?? error) : error;
}

/** A mistake in the author's expression fails the run at once: repeating it cannot help. */
function evaluating<Value>(stepId: string | null, evaluate: () => Value): Value {
  try {
    return evaluate();
  } catch (error) {
    const where = stepId === null ? 'The output' : `Step "${stepId}"`;
    const why = error instanceof Error ? error.message : String(error);
    throw new RunError('ExpressionFailed', stepId, `${where}: ${why}`, { cause: error });
  }
}
