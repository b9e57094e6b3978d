import type { z } from 'zod';
import type { Definition } from '../definition.ts';
import { isObject, type Json, type JsonObject } from '../json.ts';
import type { Environment } from './environment.ts';
import type { Path, Place, Report } from './report.ts';
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
  /** Within a `coalesce`, which takes what is missing for nothing. */
  mayMiss?: boolean;
}

/** Reports what is wrong with a path, if anything. */
export function checkReference(path: string, place: Place, context: CheckContext, hasDefault: boolean): void {
  const { problem } = resolveReference(path, context.environment, hasDefault || context.mayMiss === true);
  if (problem !== undefined) context.report.add(problem.code, place, problem.message, problem.hint);
}

/** The members of an object with their paths; none where it is something else, which the form's check has reported. */
export function membersOf(value: Json | undefined, path: Path): { key: string; value: Json; path: Path }[] {
  if (!isObject(value)) return [];
  return Object.entries(value).map(([key, member]) => ({ key, value: member, path: [...path, key] }));
}
