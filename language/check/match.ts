import type { Json } from '../json.ts';
import { inWords, typesWithoutNull, type Types } from './comparison.ts';
import { membersOf, type CheckContext } from './context.ts';
import { createEnvironment } from './environment.ts';
import type { JsonShape } from './json-shape.ts';
import { resolveReference } from './references.ts';
import type { Path } from './report.ts';
import { checkTemplate, isLiteral, shapeOfTemplate } from './template.ts';

/** Checks the `match` of a `waitFor`: its keys are paths into the event that comes, not into what the run knows. */
export function checkMatch(match: Json | undefined, matchPath: Path, context: CheckContext): void {
  const incoming = createEnvironment(new Set(), true);
  for (const { key, value, path } of membersOf(match, matchPath)) {
    const { problem, shape } = resolveReference(key, incoming, false);
    if (problem !== undefined) context.report.add(problem.code, { path, on: 'key' }, problem.message, problem.hint);
    checkTemplate(value, path, context);
    checkTypes(shape, value, path, context);
  }
}

/** Values match by `===`, so a list or an object never does, nor does a text where a number comes. */
function checkTypes(incoming: JsonShape | undefined, value: Json, path: Path, context: CheckContext): void {
  const coming = typesWithoutNull(incoming);
  const wanted = isLiteral(value) ? typesOfLiteral(value) : typesWithoutNull(shapeOfTemplate(value, context));
  if (wanted === undefined) return;
  const comparable = [...wanted].filter((type) => type !== 'object' && type !== 'array');
  if (comparable.length === 0) {
    const message = `No event matches ${inWords(wanted)}.`;
    return context.report.add('KAIT1308', { path }, message, 'Match one of its members, or use "where".');
  }
  if (coming === undefined || comparable.some((type) => coming.has(type))) return;
  const message = `No event matches this: its "${String(path.at(-1))}" is ${inWords(coming)}, and this is ${inWords(wanted)}.`;
  context.report.add('KAIT1308', { path }, message);
}

function typesOfLiteral(value: Json): Types {
  if (value === null) return undefined;
  return new Set([Array.isArray(value) ? 'array' : typeof value]);
}
