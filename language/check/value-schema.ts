import { closest } from '../closest.ts';
import type { FindingCode } from '../codes.ts';
import type { JsonObject } from '../json.ts';
import { schemaKeywords, schemaProblems } from '../values/value-schema.ts';
import type { Path, Report } from './report.ts';

/**
 * Reports whatever in a JSON Schema cannot be used. `path` leads to the schema, and `title` begins the messages: `The schema of the input`.
 * Returns whether the schema is sound.
 */
export function checkValueSchema(
  schema: JsonObject,
  { code, path, title }: { code: FindingCode; path: Path; title: string },
  report: Report,
): boolean {
  const problems = schemaProblems(schema);
  for (const problem of problems) {
    const place = [...path, ...problem.path];
    const last = String(problem.path.at(-1) ?? '');
    if (problem.message.endsWith('is not supported')) {
      report.add(code, { path: place, on: 'key' }, `${title}: ${problem.message}.`, hintFor(last));
    } else {
      const subject = problem.path.length === 0 ? title : `${title}: "${last}"`;
      report.add(code, { path: place }, `${subject} ${problem.message}.`);
    }
  }
  return problems.length === 0;
}

function hintFor(keyword: string): string {
  const near = closest(keyword, schemaKeywords);
  return near === undefined
    ? 'docs/EXTENDING.md lists what is. Remove it, and check that in your code.'
    : `Did you mean "${near}"?`;
}
