import { z } from 'zod';
import { membersOf } from '../context.ts';
import { didYouMean } from '../report.ts';
import { fields, guarded, undo } from '../schemas.ts';
import { checkFields } from '../logic.ts';
import { definitionName } from '../texts.ts';
import { objectShape, type StepCheck, type VerbCheck } from './verb-check.ts';

export const runCheck: VerbCheck = {
  schema: z.strictObject({
    ...guarded,
    run: definitionName.meta({ description: 'The name of another definition.' }),
    with: fields.optional().meta({ description: 'Values for the vars of the other definition.' }),
    ...undo,
    detach: z.boolean().optional().meta({ description: 'Do not wait until it ends. Default false.' }),
  }),
  check(step) {
    checkFields(step.step.with, [...step.path, 'with'], step);
    if (typeof step.step.run === 'string') checkTarget(step.step.run, step);
    return step.environment;
  },
  outputOf: ({ step }) => (step.detach === true ? objectShape({ workflowId: { type: 'string' } }) : undefined),
};

function checkTarget(name: string, step: StepCheck): void {
  const place = { path: [...step.path, 'run'] };
  if (name === step.name) {
    step.report.add('KAIT1407', place, 'A definition that runs itself starts runs without end.');
    return;
  }
  if (step.definitions === undefined) return;
  const target = Object.hasOwn(step.definitions, name) ? step.definitions[name] : undefined;
  if (target !== undefined) return checkVars(Object.keys(target.vars ?? {}), name, step);
  const names = Object.keys(step.definitions).filter((each) => each !== step.name);
  const others = names.length === 0 ? 'There is no other.' : `Available: ${names.join(', ')}.`;
  const hint = didYouMean(name, () => names, others);
  step.report.add('KAIT1405', place, `There is no definition "${name}".`, hint);
}

function checkVars(declared: string[], name: string, step: StepCheck): void {
  for (const { key, path } of membersOf(step.step.with, [...step.path, 'with'])) {
    if (declared.includes(key)) continue;
    const list = declared.length === 0 ? 'It declares no variables.' : `It declares: ${declared.join(', ')}.`;
    const hint = didYouMean(key, () => declared, list);
    step.report.add('KAIT1406', { path, on: 'key' }, `"${name}" has no variable "${key}".`, hint);
  }
}
