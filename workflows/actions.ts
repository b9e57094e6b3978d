import type { EmitAction, HttpAction, Retry, StepDefaults, UndoAction } from '../language/definition.ts';
import { withActivityLimits } from '../language/activity-limits.ts';
import { parseDuration } from '../language/time.ts';
import type { Json, JsonObject } from '../language/json.ts';
import type { RetryMs } from '../language/retry.ts';
import { runLimits } from '../language/verbs.ts';
import { jsonBytes } from '../language/well-formed.ts';
import { Commanded, type CommandSlot, type StepCommand } from './commands.ts';
import type { CallRequest, StepError } from './effects.ts';
import { renderNames, renderRequestUrl } from './evaluate.ts';
import { renderBody, renderHeaders } from './render-secrets.ts';
import { type RunContext, sentKeyOf, type StepContext } from './run-context.ts';
import { RunError } from './run-error.ts';

/** The activities behind the verbs `emit` and `http`. */
export const emitActivity = 'outbound.emit';
export const httpActivity = 'http.request';

/** Builds the request for a step's activity, or for its `undo`, with its templates filled in. */
export function requestOf(action: UndoAction, summary: string, context: StepContext): CallRequest {
  const input = inputOf(action, context);
  refuseTooLarge(jsonBytes(input), context);
  return requestWith(input, action, summary, context);
}

function requestWith(input: JsonObject, action: UndoAction, summary: string, context: StepContext): CallRequest {
  const { definition, activityLimits, external = {} } = context.run.input;
  const activity = activityOf(action);
  const limits = withActivityLimits(action, activityLimits);
  const isExternal = Object.hasOwn(external, activity);
  return {
    key: sentKeyOf(context),
    stepId: context.stepId,
    summary,
    activity,
    input,
    ...limitsMs(limits, definition.defaults),
    // Kait's own workers send heartbeats for all activities. For others, only the activity's own description tells.
    ...(isExternal && limits.heartbeat === undefined && { heartbeatMs: null }),
  };
}

/** Builds the request for a step that is an action. An operator may have edited its input. */
export function requestOfStep(step: UndoAction, summary: string, context: StepContext): CallRequest {
  const { run, key } = context;
  const edited = run.state.inputs?.[key];
  const input = edited ?? inputOf(step, context);
  const bytes = jsonBytes(input);
  if (edited === undefined) refuseTooLarge(bytes, context);
  run.observer.requested?.({ key, input, bytes });
  return requestWith(input, step, summary, context);
}

/**
 * Runs an activity for a step. A failure names the step. An operator's command ends the activity: if that succeeds all the same, the step is
 * done, and otherwise the command is thrown.
 */
export async function callActivity(request: CallRequest, { run, key }: StepContext): Promise<Json> {
  let slot: CommandSlot | undefined;
  try {
    return await run.effects.call(request, (end) => (slot = run.mailbox.commands.enter(key, 'calling', end)));
  } catch (error) {
    if (run.effects.isInDoubt(error)) run.inDoubt.add(key);
    if (run.effects.isCanceled()) throw run.effects.isCancellation(error) ? error : run.effects.cancellation();
    const command = slot === undefined ? undefined : await commandIn(slot, run);
    if (command !== undefined) throw new Commanded(command);
    throw failureOf(error, request, run.effects.describe(error));
  } finally {
    slot?.close();
  }
}

/** A command that came before the failure counts, although it is still being recorded. */
async function commandIn(slot: CommandSlot, { effects }: RunContext): Promise<StepCommand | undefined> {
  if (slot.isComing()) await effects.waitUntil(() => !slot.isComing(), null, '');
  return slot.command();
}

/** What is sent may be larger than the templates' texts, which are counted one by one, and in characters. */
function refuseTooLarge(bytes: number, { stepId }: StepContext): void {
  if (bytes <= runLimits.callBytes) return;
  const message = `Step "${stepId}" sends ${bytes} bytes as JSON, and at most ${runLimits.callBytes} fit`;
  throw new RunError('TooLarge', stepId, message);
}

function failureOf(error: unknown, request: CallRequest, { type, message, answer }: StepError): RunError {
  if (error instanceof RunError) return error;
  const what = `Step "${request.stepId}" (${request.activity}) failed: ${message}`;
  const said = request.activity === httpActivity && answer !== undefined ? { answer } : {};
  return new RunError(type, request.stepId, what, { cause: error, ...said });
}

function activityOf(action: UndoAction): string {
  if ('call' in action) return action.call;
  return 'emit' in action ? emitActivity : httpActivity;
}

function inputOf(action: UndoAction, context: StepContext): JsonObject {
  if ('call' in action) return renderNames(action.with, context);
  return 'emit' in action ? emitInput(action, context) : httpInput(action, context);
}

function emitInput(action: EmitAction, context: StepContext): JsonObject {
  const data = renderNames(action.with, context);
  if (action.tenant === undefined) return { type: action.emit, data };
  const { tenant = null } = renderNames({ tenant: action.tenant }, context);
  return { type: action.emit, data, tenant: typeof tenant === 'number' ? String(tenant) : tenant }; // Ids are often numbers.
}

/** Secrets stay names: the activity looks them up, so that their values never reach history. */
function httpInput(action: HttpAction, context: StepContext): JsonObject {
  const body = action.body === undefined ? undefined : renderBody(action.body, 'body', context);
  const form = action.form === undefined ? undefined : renderBody(action.form, 'form', context);
  const fill = [body, form].flatMap((each) => each?.fill ?? []);
  return {
    url: renderRequestUrl(action.http, context),
    ...(action.method === undefined ? {} : { method: action.method }),
    ...(action.headers === undefined ? {} : { headers: renderHeaders(action.headers, context) }),
    ...(action.query === undefined ? {} : { query: renderNames(action.query, context) }),
    ...(body === undefined ? {} : { body: body.value }),
    ...(form === undefined ? {} : { form: form.value }),
    ...(fill.length === 0 ? {} : { fill: fill as unknown as Json }),
    ...(action.keepHeaders === undefined ? {} : { keepHeaders: action.keepHeaders }),
    ...(action.expect === undefined ? {} : { expect: action.expect }),
  };
}

/** A step's limits (see `withActivityLimits`), else its definition's, else 30 s for each attempt and 20 attempts over about an hour. */
export function limitsMs(
  own: StepDefaults,
  defaults: StepDefaults = {},
): Pick<CallRequest, 'timeoutMs' | 'deadlineMs' | 'heartbeatMs' | 'retry'> {
  const { attempts = 20, factor = 2, except = [], ...pauses } = { ...defaults.retry, ...own.retry };
  const timeoutMs = parseDuration(own.timeout ?? defaults.timeout ?? '30s');
  const deadline = own.deadline ?? defaults.deadline;
  return {
    timeoutMs,
    deadlineMs: deadline === undefined ? null : parseDuration(deadline),
    heartbeatMs: Math.min(timeoutMs, parseDuration(own.heartbeat ?? defaults.heartbeat ?? '10s')),
    retry: { attempts, ...pausesMs(pauses), factor, except },
  };
}

/** Temporal refuses a first pause that is longer than the longest, which a step and its definition's defaults can make together. */
function pausesMs({ first = '1s', max }: Pick<Retry, 'first' | 'max'>): Pick<RetryMs, 'firstMs' | 'maxMs'> {
  const firstMs = parseDuration(first);
  const maxMs = max === undefined ? Math.max(firstMs, parseDuration('5m')) : parseDuration(max);
  return { firstMs: Math.min(firstMs, maxMs), maxMs };
}
