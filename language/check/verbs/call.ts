import { z } from 'zod';
import { closest } from '../../closest.ts';
import { checkActivityInput } from '../activity-input.ts';
import { shapeOf } from '../json-shape.ts';
import { fields, guarded, limits } from '../schemas.ts';
import { checkFields } from '../template.ts';
import type { StepCheck, VerbCheck } from './verb-check.ts';

export const callCheck: VerbCheck = {
  schema: z.strictObject({
    ...guarded,
    ...limits,
    call: z.string().meta({ description: 'The activity to run, such as orders.create.' }),
    with: fields.optional().meta({ description: 'Its input.' }),
  }),
  lists: [],
  check(step) {
    checkFields(step.step.with, [...step.path, 'with'], step);
    const activity = activityOf(step);
    if (activity === undefined) reportUnknownActivity(step);
    else checkActivityInput(activity.input, step);
    return step.environment;
  },
  outputOf(step) {
    const activity = activityOf(step);
    return activity === undefined ? undefined : shapeOf(activity.output);
  },
};

function activityOf({ step, activities }: StepCheck): StepCheck['activities'][string] | undefined {
  const name = step.call;
  return typeof name === 'string' && Object.hasOwn(activities, name) ? activities[name] : undefined;
}

function reportUnknownActivity({ step, path, activities, report }: StepCheck): void {
  const name = step.call;
  if (typeof name !== 'string') return; // The form's check has said so.
  const names = Object.keys(activities);
  const near = closest(name, names);
  const hint = near === undefined ? `There are: ${names.join(', ')}.` : `Did you mean "${near}"?`;
  report.add('KAIT1401', { path: [...path, 'call'] }, `There is no activity "${name}".`, hint);
}
