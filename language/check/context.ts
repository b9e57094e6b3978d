import type { z } from 'zod';
import type { Definition } from '../definition.ts';
import { isObject, type Json, type JsonObject } from '../json.ts';
import type { Environment } from './environment.ts';
import { didYouMean, type Path, type Place, type Report } from './report.ts';
import { resolveReference } from './references.ts';

/** What can be called, by name. */
export type ActivityTypes = Readonly<Record<string, { input: z.ZodObject; output: z.ZodObject }>>;

/** One point of the definition that is being checked, and what can be seen from it. */
export interface CheckContext {
  report: Report;
  activities: ActivityTypes;
  /** The other definitions that are served beside this one, by name; undefined where they are not known. */
  definitions: Readonly<Record<string, Definition>> | undefined;
  /** The name of the definition that is checked, where it has one. */
  name: string | undefined;
  defaults: JsonObject;
  environment: Environment;
  /** Inside a `coalesce`, where a path may find nothing. */
  mayMiss?: boolean;
  /** Where paths start instead of at the roots: at an item of unknown form, or at the pair that `reduce` gives. */
  pathsStart?: 'item' | 'reduce';
}

/** An action under check, wherever it stands. */
export interface ActionCheck extends CheckContext {
  step: JsonObject;
  path: Path;
}

/** Reports what is wrong with a path, if anything. */
export function checkReference(path: string, place: Place, context: CheckContext, hasDefault: boolean): void {
  if (context.pathsStart === 'item') return checkItemPath(path, place, context);
  if (context.pathsStart === 'reduce') return checkReducePath(path, place, context);
  const { problem } = resolveReference(path, context.environment, hasDefault || context.mayMiss === true);
  if (problem !== undefined) context.report.add(problem.code, place, problem.message, problem.hint);
}

/** The classic slip with `map` and its like. A body may have a member of such a name, so it is a warning. */
function checkItemPath(reference: string, place: Place, { report }: CheckContext): void {
  if (!/^(event|steps|vars|status)\./.test(reference)) return;
  const message = `Inside "map" and its like, paths start at the item, so "${reference}" is looked for in it.`;
  const hint = 'Use forEach, or "reduce", whose initial value may come from outside.';
  report.add('KAIT1309', place, message, hint);
}

function checkReducePath(reference: string, place: Place, { report }: CheckContext): void {
  const root = reference.split('.')[0] ?? '';
  if (['', 'current', 'accumulator'].includes(root)) return;
  const message = `In "reduce", paths start with current or accumulator, not with "${root}".`;
  report.add(
    'KAIT1206',
    place,
    message,
    didYouMean(root, () => ['current', 'accumulator']),
  );
}

/** The members of an object with their paths; none where it is something else, which the form's check has reported. */
export function membersOf(value: Json | undefined, path: Path): { key: string; value: Json; path: Path }[] {
  if (!isObject(value)) return [];
  return Object.entries(value).map(([key, member]) => ({ key, value: member, path: [...path, key] }));
}
