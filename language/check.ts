import { z } from 'zod';
import { membersOf, type ActivityTypes, type CheckContext } from './check/context.ts';
import {
  afterBranch,
  createEnvironment,
  withHandled,
  withLocals,
  withVars,
  type Environment,
} from './check/environment.ts';
import { checkForm } from './check/form.ts';
import { checkLimits } from './check/limits.ts';
import { checkFields, checkTemplate } from './check/logic.ts';
import { whereItHolds } from './check/narrow.ts';
import { parseSource, sourceLimits } from './check/parse-source.ts';
import type { Report } from './check/report.ts';
import { definitionSchema } from './check/schemas.ts';
import {
  hasEffect,
  listEndsTheRun,
  listsOfDefinition,
  stepIds,
  stepsIn,
  stepsOfDefinition,
  type StepId,
} from './check/step-lists.ts';
import { checkSteps } from './check/steps.ts';
import { isLiteral } from './check/template.ts';
import { constantSetting, settingsShape } from './check/settings.ts';
import { isReservedName } from './check/texts.ts';
import { checkTrigger, checkTriggerForm, eventShapeOf } from './check/trigger.ts';
import { checkTurns } from './check/turns.ts';
import { afterDeadline, checkReactionToDeadline, withinLimit } from './check/verbs/group.ts';
import { afterUndoErrorShape } from './check/verbs/verb-check.ts';
import type { Definition } from './definition.ts';
import type { Finding } from './finding.ts';
import { isObject, type Json, type JsonObject } from './json.ts';
import type { EventTypes } from './event-types.ts';
import type { ProjectSettings } from './project-settings.ts';
import type { SecretBindings } from './secret-bindings.ts';

export type { ActivityTypes } from './check/context.ts';

/** What a definition is checked against. */
export interface CheckOptions {
  activities: ActivityTypes;
  /** The definitions that its `run` steps may run, by name. Without them, the targets of `run` steps are not checked. */
  definitions?: Readonly<Record<string, Definition>>;
  /** The types of outbound webhooks. Without them, what is emitted is not checked. */
  eventTypes?: EventTypes | undefined;
  /** What definitions see as `settings`, or why it cannot be read. Without them, any setting may exist. */
  settings?: ProjectSettings | { problem: string } | undefined;
  /** Where secrets may be sent. Without them, the use of secrets is not checked. */
  secrets?: SecretBindings | undefined;
}

/**
 * Reads the text of a definition and reports every mistake in it at once, in the order of the text. After an error the definition
 * is null; warnings do not prevent a definition from running. `file` appears in the findings as given. Never throws.
 */
export function checkDefinition({ text, file, ...options }: { text: string; file: string } & CheckOptions): {
  definition: Definition | null;
  findings: Finding[];
} {
  const { report, value } = parseSource(file, text);
  if (isObject(value)) checkParts(value, report, options);
  else if (value !== undefined) report.add('KAIT1103', { path: [] }, 'A definition must be an object.');
  const isSound = isObject(value) && !report.hasErrors();
  const definition = isSound ? (value as unknown as Definition) : null; // The schemas have checked it.
  return { definition, findings: report.findings() };
}

/** A trigger is checked by the schema of its own kind. */
const definitionWithAnyTrigger = definitionSchema.extend({ on: z.unknown() });

function checkParts(definition: JsonObject, report: Report, options: CheckOptions): void {
  const { activities, definitions, secrets, settings, eventTypes } = options;
  const { on } = definition;
  checkForm(isObject(on) ? definitionWithAnyTrigger : definitionSchema, definition, [], 'the definition', report);
  if (isObject(on)) checkTriggerForm(on, report);
  const ids = listsOfDefinition(definition).flatMap(({ list, path }) => stepIds(list, path));
  if (ids.length > sourceLimits.steps) {
    const message = `There are ${ids.length} steps. At most ${sourceLimits.steps} are allowed.`;
    return report.add(
      'KAIT1002',
      { path: ['steps'] },
      message,
      'Split the definition: several may react to the same event.',
    );
  }
  checkNames(definition, ids, report);
  const known = new Set(ids.map(({ id }) => id));
  const name = typeof definition.name === 'string' ? definition.name : undefined;
  const defaults = isObject(definition.defaults) ? definition.defaults : {};
  const trigger = {
    ...createEnvironment(known, true, settingsShape(settings)),
    event: eventShapeOf(on),
    moneyMoved: isAboutMoney(on),
  };
  const guard = isObject(on) ? on.if : undefined;
  const parks = definition.onFail === 'park' || definition.onPoison === 'park';
  const handled = parks ? 'all' : trigger.handled; // A parked run waits for a person.
  const start = whereItHolds({ ...trigger, trigger: false, handled }, guard);
  const effects = stepsOfDefinition(definition).filter(({ step }) => hasEffect(step)).length;
  const once = { warned: false };
  const constants = constantsOf(definition);
  const constantAt = (path: string) => constantSetting(path, settings) ?? constants.get(path);
  const shared = { report, activities, definitions, eventTypes, secrets, name, defaults, constantAt, effects, once };
  const context: CheckContext = { ...shared, environment: start };
  checkTrigger(on, { ...context, environment: trigger });
  checkTurns(definition, { ...context, environment: trigger });
  checkLimits(defaults, ['defaults'], context);
  checkFields(definition.vars, ['vars'], context);
  const vars = membersOf(definition.vars, ['vars']).map(({ key }) => key);
  const environment = checkLists(definition, { ...context, environment: withVars(start, vars) });
  const end = { ...context, environment, once: { warned: false } };
  if (definition.output !== undefined) checkTemplate(definition.output, ['output'], end);
  const undoes = stepsOfDefinition(definition).some(({ step }) => step.undo !== undefined);
  if (definition.onFail === 'undo' && !undoes) {
    report.add(
      'KAIT1117',
      { path: ['onFail'] },
      '"onFail" is "undo", but no step has an "undo".',
      'Add an "undo" to the steps with effects, or remove "onFail".',
    );
  }
}

/** Checks every list of steps. Returns what the output sees. */
function checkLists(definition: JsonObject, context: CheckContext): Environment {
  const { environment: start, report } = context;
  checkReactionToDeadline(definition, [], { report });
  checkLimits({ deadline: definition.deadline ?? null }, [], context);
  const inside = withinLimit(definition, [], start, { report });
  const done = checkSteps(definition.steps, ['steps'], { ...context, environment: inside });
  const end = afterDeadline(definition, start, done, {
    endsTheRun: listEndsTheRun(definition.steps),
    checkLate: (environment) => checkSteps(definition.onTimeout, ['onTimeout'], { ...context, environment }),
  });
  checkAfterUndo(definition.afterUndo, end, context);
  return end;
}

/** They run after a failure anywhere, so that no step before is certain, and a failure of theirs does not fail the run. */
function checkAfterUndo(list: Json | undefined, end: Environment, context: CheckContext): void {
  const begun = withHandled(afterBranch(context.environment, end, 'sometimes'), 'all');
  const environment = withLocals(begun, { error: afterUndoErrorShape });
  checkSteps(list, ['afterUndo'], { ...context, environment });
  for (const { step, path } of stepsIn(list, ['afterUndo'])) {
    if (step.undo === undefined) continue;
    const place = { path: [...path, 'undo'], on: 'key' } as const;
    context.report.add('KAIT1114', place, 'Nothing undoes the steps of "afterUndo".', 'Remove the "undo".');
  }
}

/** Variables that have a plain text from the start and that no step sets. */
function constantsOf({ vars, ...definition }: JsonObject): ReadonlyMap<string, string> {
  const set = new Set(
    stepsOfDefinition(definition).flatMap(({ step }) => (isObject(step.set) ? Object.keys(step.set) : [])),
  );
  const texts = membersOf(vars, ['vars']).flatMap(({ key, value }): [string, string][] =>
    typeof value === 'string' && isLiteral(value) && !set.has(key) ? [[`vars.${key}`, value]] : [],
  );
  return new Map(texts);
}

function checkNames(definition: JsonObject, ids: StepId[], report: Report): void {
  const { name } = definition;
  if (typeof name === 'string' && isReservedName(name)) reportReserved(name, { id: name, path: ['name'] }, report);
  const seen = new Set<string>();
  for (const step of ids) {
    if (isReservedName(step.id)) reportReserved(step.id, step, report);
    if (seen.has(step.id)) report.add('KAIT1201', { path: step.path }, `Another step already has the id "${step.id}".`);
    seen.add(step.id);
  }
}

function reportReserved(name: string, { path }: StepId, report: Report): void {
  report.add(
    'KAIT1110',
    { path },
    `"${name}" is a reserved name.`,
    'Choose another one, for example with a second word.',
  );
}

const moneyTypes = ['payment.succeeded', 'payment.refunded', 'payment.disputed'];

/** Whether an event that starts a run says that money has moved. */
function isAboutMoney(trigger: Json | undefined): boolean {
  const types = isObject(trigger) ? [trigger.event].flat() : [];
  return types.some((type) => typeof type === 'string' && moneyTypes.includes(type));
}
