import { diffDefinitions } from '../../../authoring/diff-definitions.ts';
import { changeLines } from '../../../authoring/format-diff.ts';
import type { Definition } from '../../../language/definition.ts';

/** What is different, a line for each change. */
export function changesBetween(before: Definition, after: Definition, localActivities: readonly string[]): string[] {
  return changeLines(diffDefinitions(before, after, localActivities));
}
