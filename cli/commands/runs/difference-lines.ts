import { diffDefinitions } from '../../../authoring/diff-definitions.ts';
import { changeLines } from '../../../authoring/format-diff.ts';
import type { Definition } from '../../../language/definition.ts';

/** What is different in the definition that a run goes on with. As the API tells it, which has checked both. */
export function differenceLines({ before, after }: { before?: unknown; after?: unknown }): string[] {
  const changes = diffDefinitions(before as Definition, after as Definition, []);
  return ['  with the definition as it is served now:', ...changeLines(changes).map((line) => `    ${line}`)];
}
