import { parseSource } from '../language/check/parse-source.ts';
import { stepsOfDefinition } from '../language/check/step-lists.ts';
import { suggest } from '../language/closest.ts';
import type { Finding } from '../language/finding.ts';
import { isObject, type Json, type JsonObject } from '../language/json.ts';
import type { Path } from '../language/check/report.ts';
import { operatorInTemplate } from '../language/operators/operators.ts';

/** The values that each mail template needs from the step that sends it, by the templates' names. */
export type MailNeeds = ReadonlyMap<string, readonly string[]>;

/**
 * Finds each `mail.send`, in a step or its undo, whose template is not one of `templates`, or that gives its template too few values: a run
 * would fail there. A template name with a reference in it is known only to the run and is not checked.
 */
export function checkMailTemplates(source: { file: string; text: string }, templates: MailNeeds): Finding[] {
  const { report, value } = parseSource(source.file, source.text);
  const steps = isObject(value) ? stepsOfDefinition(value) : [];
  for (const { step, path } of steps) {
    checkCall(step, path);
    checkCall(step.undo, [...path, 'undo']);
  }
  return report.findings();

  function checkCall(call: Json | undefined, path: readonly (string | number)[]): void {
    if (!isObject(call) || call.call !== 'mail.send' || !isObject(call.with)) return;
    const { template } = call.with;
    if (typeof template !== 'string' || template.includes('{{')) return;
    const needed = templates.get(template);
    if (needed !== undefined) return checkValues(call.with, template, needed, path);
    const names = [...templates.keys()];
    const hint = suggest(template, names, `The mail templates are ${names.join(', ') || 'none'}.`);
    report.add('KAIT1104', { path: [...path, 'with', 'template'] }, `There is no mail template "${template}".`, hint);
  }

  function checkValues({ values }: JsonObject, template: string, needed: readonly string[], path: Path): void {
    if (values !== undefined && (!isObject(values) || operatorInTemplate(values) !== undefined)) return; // Only a run knows.
    const missing = needed.filter((name) => values === undefined || !Object.hasOwn(values, name));
    if (missing.length === 0) return;
    const members = missing.map((name) => `"${name}": …`).join(', ');
    const message = `The mail "${template}" needs ${missing.map((name) => `values.${name}`).join(' and ')}.`;
    const at = values === undefined ? [...path, 'with', 'template'] : [...path, 'with', 'values'];
    report.add('KAIT1802', { path: at }, message, `Add "values": { ${members} }, or give the placeholder a default.`);
  }
}
