import { parseSource } from '../language/check/parse-source.ts';
import { stepsIn } from '../language/check/step-lists.ts';
import { suggest } from '../language/closest.ts';
import type { Finding } from '../language/finding.ts';
import { isObject, type Json } from '../language/json.ts';

/**
 * Finds each `mail.send`, in a step or its undo, whose template is not one of `templates`: a run would fail there. A template name
 * with a reference in it is known only to the run and is not checked.
 */
export function checkMailTemplates(source: { file: string; text: string }, templates: readonly string[]): Finding[] {
  const { report, value } = parseSource(source.file, source.text);
  const steps = isObject(value) ? stepsIn(value.steps, ['steps']) : [];
  for (const { step, path } of steps) {
    checkCall(step, path);
    checkCall(step.undo, [...path, 'undo']);
  }
  return report.findings();

  function checkCall(call: Json | undefined, path: readonly (string | number)[]): void {
    if (!isObject(call) || call.call !== 'mail.send' || !isObject(call.with)) return;
    const { template } = call.with;
    if (typeof template !== 'string' || template.includes('{{') || templates.includes(template)) return;
    const hint = suggest(template, templates, `The mail templates are ${templates.join(', ') || 'none'}.`);
    report.add('KAIT1104', { path: [...path, 'with', 'template'] }, `There is no mail template "${template}".`, hint);
  }
}
