import type { EmitAction, HttpAction, UndoAction } from '../language/definition.ts';
import type { Json, JsonObject } from '../language/json.ts';
import type { CallRequest } from './effects.ts';
import { render, renderNames, renderText } from './evaluate.ts';
import { limitsMs } from './limits.ts';
import type { Place } from './run-context.ts';
import { RunError } from './run-error.ts';

/** The activities behind the verbs `emit` and `http`. */
export const emitActivity = 'outbound.emit';
export const httpActivity = 'http.request';

/** What a step, or an `undo`, asks an activity to do, its templates filled in as seen from the step. */
export function requestOf(action: UndoAction, summary: string, place: Place): CallRequest {
  return {
    key: place.key,
    stepId: place.stepId,
    summary,
    ...activityOf(action, place),
    ...limitsMs('emit' in action ? {} : action, place.run.input.definition.defaults),
  };
}

/** Runs an activity for a step, and says which step it was when it fails. */
export async function callActivity(request: CallRequest, { run }: Place): Promise<Json> {
  try {
    return await run.effects.call(request);
  } catch (error) {
    throw run.effects.isCancellation(error) ? error : failureOf(error, request, run.effects.describe(error));
  }
}

function failureOf(
  error: unknown,
  request: CallRequest,
  { type, message }: { type: string; message: string },
): RunError {
  if (error instanceof RunError) return error;
  const what = `Step "${request.stepId}" (${request.activity}) failed: ${message}`;
  return new RunError(type, request.stepId, what, { cause: error });
}

function activityOf(action: UndoAction, place: Place): { activity: string; input: JsonObject } {
  if ('call' in action) return { activity: action.call, input: renderNames(action.with, place) };
  if ('emit' in action) return { activity: emitActivity, input: emitInput(action, place) };
  return { activity: httpActivity, input: httpInput(action, place) };
}

function emitInput(action: EmitAction, place: Place): JsonObject {
  return { type: action.emit, data: renderNames(action.with, place) };
}

/** Headers keep `{"secret": "NAME"}` as it is: the activity looks secrets up, so that none reaches history. */
function httpInput(action: HttpAction, place: Place): JsonObject {
  return {
    url: renderText(action.http, place),
    ...(action.method === undefined ? {} : { method: action.method }),
    ...(action.headers === undefined ? {} : { headers: renderNames(action.headers, place) }),
    ...(action.query === undefined ? {} : { query: renderNames(action.query, place) }),
    ...(action.body === undefined ? {} : { body: render(action.body, place) }),
    ...(action.expect === undefined ? {} : { expect: action.expect }),
  };
}
