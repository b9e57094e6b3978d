import { parseDuration } from '../../language/time.ts';
import { checkForm } from '../../language/check/form.ts';
import type { Path } from '../../language/check/report.ts';
import type { Step, UndoAction } from '../../language/definition.ts';
import type { Json, JsonObject } from '../../language/json.ts';
import { undoOf } from '../../language/verbs.ts';
import { emitActivity, httpActivity } from '../../workflows/actions.ts';
import { outcomeActivityOf } from '../../workflows/verbs/emit.ts';
import { valueFaults } from '../../language/values/check-value.ts';
import { isWrapped } from '../mocks.ts';
import { checkStepPath, type TestContext } from './check-context.ts';
import { partSchemas } from './test-file-schema.ts';

/** Checks that each mock is for a step that can have one, and that its results fit the activity's output. */
export function checkMocks(mocks: JsonObject, path: Path, context: TestContext): void {
  for (const [stepPath, mock] of Object.entries(mocks)) {
    const place = { path: [...path, stepPath], on: 'key' } as const;
    const found = checkStepPath(stepPath, place, context);
    if (found === undefined) continue;
    const action = found.undo ? undoOf(found.step) : found.step;
    if (action === undefined || !takesMock(action)) {
      const message = `Step "${stepPath}" calls nothing, so a mock would have no effect.`;
      context.report.add('KAIT1101', place, message, 'Only call, http, emit and run steps can have a mock.');
      continue;
    }
    const outcome = found.outcome === true && 'emit' in found.step ? outcomeActivityOf(found.step) : undefined;
    checkAnswers(mock, place.path, outcome ?? activityOf(action), context);
  }
}

function takesMock(action: UndoAction | Step): boolean {
  return 'call' in action || 'http' in action || 'emit' in action || 'run' in action;
}

/** Undefined for another definition, whose output may be anything. */
function activityOf(action: UndoAction | Step): string | undefined {
  if ('call' in action) return action.call;
  if ('http' in action) return httpActivity;
  return 'emit' in action ? emitActivity : undefined;
}

function checkAnswers(mock: Json, path: Path, activity: string | undefined, context: TestContext): void {
  if (!Array.isArray(mock)) return checkAnswer(mock, path, activity, context);
  if (mock.length === 0) context.report.add('KAIT1105', { path }, 'The list of answers is empty.');
  for (const [position, answer] of mock.entries()) checkAnswer(answer, [...path, position], activity, context);
}

function checkAnswer(answer: Json, path: Path, activity: string | undefined, context: TestContext): void {
  if (!isWrapped(answer)) return checkResult(answer, path, activity, context);
  const { report } = context;
  const { result, error, after } = answer;
  if (after !== undefined) checkAfter(after, [...path, 'after'], context);
  if (result !== undefined && error !== undefined) {
    const message = 'An answer is either a result or an error, not both.';
    report.add('KAIT1101', { path: [...path, 'error'], on: 'key' }, message);
  }
  if (error !== undefined) checkForm(partSchemas.mockError, error, [...path, 'error'], 'the error', report);
  if (result !== undefined) checkResult(result, [...path, 'result'], activity, context);
}

function checkAfter(after: Json, path: Path, { report }: TestContext): void {
  try {
    if (typeof after !== 'string') throw new Error('"after" must be a text.');
    parseDuration(after);
  } catch (error) {
    report.add('KAIT1111', { path }, (error as Error).message, 'Write a duration, for example 2m.'); // Nothing else is thrown.
  }
}

function checkResult(
  result: Json,
  path: Path,
  activity: string | undefined,
  { activities, report }: TestContext,
): void {
  const type = activity !== undefined && Object.hasOwn(activities, activity) ? activities[activity] : undefined;
  if (type === undefined) return;
  // Missing members are made up.
  if (type.external === undefined)
    return checkForm(type.output.partial(), result, path, `the output of ${activity}`, report);
  for (const { path: within, kind, message } of valueFaults(type.external.output, result)) {
    if (kind === 'missing' && within.length === 1) continue;
    const what = within.length === 0 ? '' : ` "${within.join('.')}"`;
    report.add(
      'KAIT1104',
      { path: [...path, ...within] },
      `The output of ${activity} cannot be this${what}: ${message}.`,
    );
  }
}
