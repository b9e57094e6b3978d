import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { ExpressionError } from '../language/expression-error.ts';
import { evaluateLogic, renderFields, renderTemplate, renderUrl } from '../language/expression.ts';
import type { CanonicalEvent } from '../language/event.ts';
import type { HttpAction } from '../language/definition.ts';
import type { Json, JsonObject } from '../language/json.ts';
import { isTruthy } from '../language/operators/operator.ts';
import type { Host, Scope } from '../language/scope.ts';
import { type Decision, sentKeyOf, type StepContext } from './run-context.ts';
import { RunError } from './run-error.ts';

/** Stand for a step's id in the run's `output` and `vars`. A real id never starts with `$`. */
export const outputId = '$output';
export const varsId = '$vars';
/** Stands for the key of the run's own deadline. */
export const deadlineId = '$run';

/** Fills in a template. Throws a {@link RunError} `ExpressionFailed` that names the step. */
export function render(template: Json, context: StepContext): Json {
  return evaluating(context, () => renderTemplate(template, scopeOf(context), hostOf(context)));
}

/** Like {@link render}, for an object whose keys are names: a name that is also an operator's stays a name. */
export function renderNames(fields: Record<string, Json> | undefined, context: StepContext): JsonObject {
  return evaluating(context, () => renderFields(fields ?? {}, scopeOf(context), hostOf(context)));
}

/** Like {@link render}, for a text. */
export function renderText(template: string, context: StepContext): string {
  const value = render(template, context);
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Fills in the URL of a request. Its host is text of the definition or a setting, whatever `set` or a parent run did to a variable. */
export function renderRequestUrl(template: HttpAction['http'], context: StepContext): string {
  const { input, state } = context.run;
  const constantAt = (path: string): string | undefined => {
    const [, setting] = /^settings\.([^.]+)$/.exec(path) ?? [];
    if (setting !== undefined) return constantText(input.settings ?? {}, setting);
    const name = /^vars\.([^.]+)$/.exec(path)?.[1] ?? '';
    const { vars = {} } = input.definition;
    const text = Object.hasOwn(vars, name) ? vars[name] : undefined;
    return typeof text === 'string' && !text.includes('{{') && state.vars[name] === text ? text : undefined;
  };
  return evaluating(context, () => renderUrl(template, scopeOf(context), constantAt));
}

/** The text of a setting in a URL. Lists have none. */
function constantText(settings: JsonObject, name: string): string | undefined {
  const value = Object.hasOwn(settings, name) ? (settings[name] ?? null) : null;
  return value === null || typeof value === 'object' ? undefined : String(value);
}

/** Evaluates a condition and tells the observer. */
export function holds(logic: Json, position: string, context: StepContext): boolean {
  const scope = scopeOf(context);
  const value = evaluating(context, () => isTruthy(evaluateLogic(logic, scope, hostOf(context))));
  tell({ position, logic, scope, value }, context);
  return value;
}

/**
 * Evaluates the `where` of a `waitFor` for an event. An event that lacks what the condition reads of it, or has it in another form, is
 * not the awaited one: it does not match, and a note says why. An error over the run's own data fails the step.
 */
export function matchesWhere(logic: Json, event: CanonicalEvent, context: StepContext): boolean {
  const scope: Scope = { ...scopeOf(context), signal: event }; // An envelope is JSON by construction.
  const value = evaluating(context, () => {
    try {
      return isTruthy(evaluateLogic(logic, scope, hostOf(context)));
    } catch (error) {
      if (!(error instanceof ExpressionError) || !isAboutSignal(error)) throw error;
      context.run.mailbox.note(`Step "${context.stepId}" did not take the event ${event.id}: ${error.message}`);
      return false;
    }
  });
  tell({ position: 'where', logic, scope, value }, context);
  return value;
}

/** Whether what failed reads the event under test. A mistake in the expression itself is the author's in any case. */
function isAboutSignal({ code, operation }: ExpressionError): boolean {
  return code !== 'KAIT_EXPRESSION_INVALID' && operation !== undefined && readsSignal(operation);
}

function readsSignal(logic: Json): boolean {
  if (typeof logic === 'string') return /^signal(\.|$)|\{\{\s*signal[.\s}]/.test(logic);
  return logic !== null && typeof logic === 'object' && Object.values(logic).some(readsSignal);
}

function tell(
  decision: Pick<Decision, 'position' | 'logic' | 'scope' | 'value'>,
  { key, stepId, run }: StepContext,
): void {
  run.observer.decided?.({ key, stepId, ...decision });
}

/** The roots that expressions and templates see. */
function scopeOf({ run, frame }: Pick<StepContext, 'run' | 'frame'>): Scope {
  return {
    ...frame.locals,
    event: run.input.event, // An envelope is JSON by construction; interfaces lack the index signature.
    steps: frame.outputs,
    status: frame.status,
    vars: run.state.vars,
    settings: run.input.settings ?? {},
    run: { id: run.runId, definition: run.input.definition.name },
  };
}

function hostOf(context: StepContext): Host {
  const { run } = context;
  const uuid = () => nextUuid(run.runId, sentKeyOf(context), run.uuids);
  return { nowMs: () => run.effects.now(), uuid, worked: run.workload.add };
}

/**
 * A UUID of version 8 (RFC 9562, section 5.8), derived from the run, the step and a count. A retry or a replay of the step gets
 * the same one, even a replay that does not follow the run from its start.
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

/** A mistake in the author's expression fails the step at once: a retry cannot help. */
export function evaluating<Value>({ stepId }: StepContext, evaluate: () => Value): Value {
  try {
    return evaluate();
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error; // A bug, not a mistake of the author's.
    const why = error.message;
    const named = stepId === outputId || stepId === varsId;
    const where = named ? `The ${stepId.slice(1)}` : `Step "${stepId}"`;
    throw new RunError('ExpressionFailed', named ? null : stepId, `${where}: ${why}`, { cause: error });
  }
}
