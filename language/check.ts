import { closest } from './closest.ts';
import { isObject, type ActivityTypes, type CheckContext } from './check/context.ts';
import { createEnvironment } from './check/environment.ts';
import { checkForm } from './check/form.ts';
import { checkCondition } from './check/logic.ts';
import { parseSource, sourceLimits } from './check/parse-source.ts';
import type { Report } from './check/report.ts';
import { definitionSchema } from './check/schemas.ts';
import { stepIds, type StepId } from './check/step-ids.ts';
import { checkSteps } from './check/steps.ts';
import { checkTemplate } from './check/template.ts';
import { eventType, isReservedName } from './check/texts.ts';
import type { Definition } from './definition.ts';
import { canonicalPaymentTypes } from './event.ts';
import type { Finding } from './finding.ts';
import type { Json, JsonObject } from './json.ts';

export type { ActivityTypes } from './check/context.ts';

/**
 * Reads the text of a definition and finds everything that is wrong with it at once, in the order of the text. With an error
 * there is no definition; warnings alone do not keep it from running. `file` is shown as it is given. Never throws.
 */
export function checkDefinition(source: { text: string; file: string; activities: ActivityTypes }): {
  definition: Definition | null;
  findings: Finding[];
} {
  const { report, value } = parseSource(source.file, source.text);
  if (isObject(value)) checkParts(value, report, source.activities);
  else if (value !== undefined) report.add('KAIT1103', { path: [] }, 'A definition must be an object.');
  const isSound = isObject(value) && !report.hasErrors();
  const definition = isSound ? (value as unknown as Definition) : null; // The schemas have vouched for it.
  return { definition, findings: report.findings() };
}

function checkParts(definition: JsonObject, report: Report, activities: ActivityTypes): void {
  checkForm(definitionSchema, definition, [], 'the definition', report);
  const ids = stepIds(definition.steps, ['steps']);
  if (ids.length > sourceLimits.steps) {
    const message = `There are ${ids.length} steps. At most ${sourceLimits.steps} are allowed.`;
    return report.add(
      'KAIT1002',
      { path: ['steps'] },
      message,
      'Split the definition: several may react to one event.',
    );
  }
  checkNames(definition, ids, report);
  const known = new Set(ids.map(({ id }) => id));
  const context: CheckContext = { report, activities, environment: createEnvironment(known, false) };
  checkTrigger(definition.on, { ...context, environment: createEnvironment(known, true) });
  const environment = checkSteps(definition.steps, ['steps'], context);
  if (definition.output !== undefined) checkTemplate(definition.output, ['output'], { ...context, environment });
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
  report.add('KAIT1110', { path }, `"${name}" is a reserved name.`, 'Choose another, such as one with a second word.');
}

function checkTrigger(trigger: Json | undefined, context: CheckContext): void {
  if (!isObject(trigger)) return; // The form's check has said so.
  if (trigger.if !== undefined) checkCondition(trigger.if, ['on', 'if'], context);
  const { event } = trigger;
  if (typeof event === 'string') checkEventType(event, ['on', 'event'], context.report);
  if (!Array.isArray(event)) return;
  for (const [position, type] of event.entries()) {
    if (typeof type === 'string') checkEventType(type, ['on', 'event', position], context.report);
  }
}

/** Native types are the gateways' own, so all that can be told is what a canonical type was most likely meant to be. */
function checkEventType(type: string, path: (string | number)[], report: Report): void {
  const canonical: readonly string[] = canonicalPaymentTypes;
  if (canonical.includes(type) || !eventType.safeParse(type).success) return;
  const near = closest(type, canonical);
  if (near === undefined) return;
  report.add('KAIT1113', { path }, `"${type}" is no canonical event type.`, `Did you mean "${near}"?`);
}
