import { z } from 'zod';
import { listEndsTheRun } from '../endings.ts';
import { checkEventTypes } from '../event-types.ts';
import { eventShape, withLocals } from '../environment.ts';
import { checkCondition } from '../logic.ts';
import { checkMatch } from '../match.ts';
import { eventTypes, fields, guarded, logic, reaction, sourceNames, waitLimit } from '../schemas.ts';
import { checkReaction } from './reaction.ts';
import type { VerbCheck } from './verb-check.ts';

export const waitForCheck: VerbCheck = {
  schema: z.strictObject({
    ...guarded,
    waitFor: eventTypes.meta({
      description: 'Canonical or native event types; any may match. The output is the event.',
    }),
    source: sourceNames.optional().meta({ description: "Only events of these sources. Default: the run's own." }),
    match: fields.optional().meta({ description: 'Paths into the event that comes, and the values they must have.' }),
    where: logic
      .meta({ description: 'A further condition; sees the event as signal.', allOf: [{ $ref: '#/definitions/logic' }] })
      .optional(),
    timeout: waitLimit,
    onTimeout: reaction.optional().meta({ description: 'fail (default), continue, or steps.' }),
  }),
  check(step) {
    const { path, environment } = step;
    checkEventTypes(step.step.waitFor, [...path, 'waitFor'], step.report);
    checkMatch(step.step.match, [...path, 'match'], step);
    if (step.step.where !== undefined) {
      const seen = withLocals(environment, { signal: eventShape });
      checkCondition(step.step.where, [...path, 'where'], { ...step, environment: seen });
    }
    if (step.step.match === undefined && step.step.where === undefined) {
      const message = 'This takes the next event of that type, whatever it is about.';
      const hint = 'Write "match": {"event.payment.id": "{{event.payment.id}}"}.';
      step.report.add('KAIT1123', { path: [...path, 'waitFor'] }, message, hint);
    }
    return checkReaction(step, 'onTimeout', environment);
  },
  outputOf: () => eventShape,
  timesOut: ({ onTimeout }) => onTimeout !== undefined && onTimeout !== 'fail' && !listEndsTheRun(onTimeout),
};
