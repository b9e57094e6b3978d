import type { z } from 'zod';
import type { Definition, StepDefaults } from '../definition.ts';
import type { ExternalCall } from '../external-activity.ts';
import { isObject, type Json, type JsonObject } from '../json.ts';
import { pathParts } from '../path-parts.ts';
import type { EventTypes } from '../event-types.ts';
import type { SecretBindings } from '../secret-bindings.ts';
import type { Environment } from './environment.ts';
import { didYouMean, type Path, type Place, type Report } from './report.ts';
import { resolveReference } from './references.ts';

/** The activities that can be called, by name. */
export type ActivityTypes = Readonly<Record<string, ActivityType>>;

export interface ActivityType {
  input: z.ZodObject;
  output: z.ZodObject;
  /** An input, for lists and editors. */
  example?: JsonObject;
  /** `local`: on Kait's own database, so that its outcome is known in the end. */
  where?: 'local' | 'network';
  /** For steps that say nothing else: how long an attempt may take, and how often it is repeated. */
  limits?: StepDefaults;
  /** Whether it moves or books money, so that a run which fails after it leaves something undone. */
  money?: boolean;
  /** Why no step can call it here: it is turned off. */
  absent?: string;
  /** False: its effect cannot be taken back, so that an `undo` of a step that calls it would promise too much. */
  undoable?: boolean;
  /** Set if a worker of another program runs it. */
  external?: ExternalCall;
  /** The verb of the steps that it stands behind. No step can `call` it. */
  verb?: 'http';
  /** The type of the failure with which it refuses an input of the right form, such as an address that does not exist. */
  refusal?: string;
}

/** One point of the definition under check, and what is visible from it. */
export interface CheckContext {
  report: Report;
  activities: ActivityTypes;
  /** The definitions that `run` steps may run, by name. Undefined: not known. */
  definitions: Readonly<Record<string, Definition>> | undefined;
  /** The types of outbound webhooks that are described. Undefined: not known. */
  eventTypes: EventTypes | undefined;
  /** Where secrets may be sent. Undefined: not known. */
  secrets: SecretBindings | undefined;
  /** The name of the definition under check, if it has one. */
  name: string | undefined;
  defaults: JsonObject;
  /** The text at a path that no run changes: of a variable (`vars.shop`) or a setting (`settings.shopUrl`). It may hold the host of a URL. */
  constantAt: (path: string) => string | undefined;
  environment: Environment;
  /** The steps with effects outside of the run, apart from the one under check. */
  effects: number;
  /** Whether a hazard of the step under check has been reported. */
  once: { warned: boolean };
  /** The part of a request, if secrets may stand in the template. */
  takesSecrets?: 'header' | 'body' | undefined;
  /** Inside a `coalesce`, where a path may find nothing. */
  mayMiss?: boolean;
  /** Where paths start instead of at the roots: at an item of unknown form, or at the pair that `reduce` gives. */
  pathsStart?: 'item' | 'reduce';
}

/** An action under check: a step or an `undo`. */
export interface ActionCheck extends CheckContext {
  step: JsonObject;
  path: Path;
}

/** Reports a path that cannot work. */
export function checkReference(path: string, place: Place, context: CheckContext, hasDefault: boolean): void {
  if (context.pathsStart === 'item') return checkItemPath(path, place, context);
  if (context.pathsStart === 'reduce') return checkReducePath(path, place, context);
  const { problem } = resolveReference(path, context.environment, hasDefault || context.mayMiss === true);
  if (problem !== undefined) context.report.add(problem.code, place, problem.message, problem.hint);
}

/** A common slip. Only a warning, because the item may have a member of that name. */
function checkItemPath(reference: string, place: Place, { report }: CheckContext): void {
  if (!/^(event|steps|vars|status|settings)\./.test(reference)) return;
  const message = `Inside "map" and similar operators, paths start at the item, so "${reference}" is read from the item.`;
  const hint =
    'Name the item with a last argument, such as "line": then paths start at the roots, and the item is "line".';
  report.add('KAIT1309', place, message, hint);
}

function checkReducePath(reference: string, place: Place, { report }: CheckContext): void {
  const root = pathParts(reference)[0] ?? '';
  if (['', 'current', 'accumulator'].includes(root)) return;
  const message = `Inside "reduce", paths start with current or accumulator, not with "${root}".`;
  const otherwise = 'Name the item with a fourth argument, such as "line": then paths start at the roots, too.';
  report.add(
    'KAIT1206',
    place,
    message,
    didYouMean(root, () => ['current', 'accumulator'], otherwise),
  );
}

/** The members of an object with their paths. Of anything else none: the check of the form has reported it. */
export function membersOf(value: Json | undefined, path: Path): { key: string; value: Json; path: Path }[] {
  if (!isObject(value)) return [];
  return Object.entries(value).map(([key, member]) => ({ key, value: member, path: [...path, key] }));
}
