import type { ActivityTypes } from '../../language/check.ts';
import type { Path, Report } from '../../language/check/report.ts';
import type { Definition } from '../../language/definition.ts';
import { stepAtPath, type StepAtPath } from './step-path.ts';

/** What a test, a script or mocks are about. */
export interface TestContext {
  report: Report;
  definition: Definition;
  /** What its `run` steps start, by name. */
  children: Readonly<Record<string, Definition>>;
  activities: ActivityTypes;
}

/** The step at a path; undefined, and reported at `place`, where there is none. */
export function checkStepPath(
  stepPath: string,
  place: { path: Path; on?: 'key' },
  { report, definition, children }: TestContext,
): Extract<StepAtPath, { undo: boolean }> | undefined {
  const found = stepAtPath(stepPath, definition, children);
  if (found.step !== null) return found;
  report.add('KAIT1202', place, found.message, found.hint);
  return undefined;
}
