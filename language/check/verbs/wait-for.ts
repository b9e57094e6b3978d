import { z } from 'zod';
import { pathListOf } from '../../correlation.ts';
import { isObject, type Json } from '../../json.ts';
import { utf8Length } from '../../well-formed.ts';
import { inWords, typesWithoutNull, type Types } from '../comparison.ts';
import { membersOf, type CheckContext } from '../context.ts';
import { createEnvironment, eventShape, withLocals } from '../environment.ts';
import type { JsonShape } from '../json-shape.ts';
import { resolveReference } from '../references.ts';
import type { Path } from '../report.ts';
import { isLiteral, shapeOfTemplate } from '../template.ts';
import { listEndsTheRun } from '../step-lists.ts';
import { checkEventTypes } from '../event.ts';
import { checkCondition, checkTemplate } from '../logic.ts';
import { checkAwaitedSource } from '../trigger.ts';
import { eventTypes, fields, guarded, logic, reaction, sourceNames, waitLimit } from '../schemas.ts';
import { duration } from '../texts.ts';
import { checkReaction, type VerbCheck } from './verb-check.ts';
export const waitForCheck: VerbCheck = {
  schema: z.strictObject({
    ...guarded,
    waitFor: eventTypes.meta({
      description:
        "Canonical or native event types. The first event that matches becomes the output. It may have come before the step began to wait, but not before the run's own event.",
    }),
    source: sourceNames
      .optional()
      .meta({ description: "Only events from these sources. Default: the source of the run's own event." }),
    match: fields.optional().meta({
      description:
        'Paths into the awaited event, with the values that they must have, compared as == does: 1001 matches "1001".',
    }),
    where: logic
      .meta({
        description:
          'Another condition. It sees the awaited event as signal. An event that lacks what the condition reads does not match.',
        allOf: [{ $ref: '#/definitions/logic' }],
      })
      .optional(),
    lookBack: duration
      .optional()
      .meta({ description: "How far before the run's own event the awaited one may have come. Default: not at all." }),
    timeout: waitLimit,
    onTimeout: reaction
      .optional()
      .meta({ description: 'What to do if no event matches in time: fail (default), continue, or steps.' }),
  }),
  check(step) {
    const { path, environment } = step;
    checkEventTypes(step.step.waitFor, [...path, 'waitFor'], step.report);
    const { source } = step.step;
    checkAwaitedSource(source, environment, [...path, source === undefined ? 'waitFor' : 'source'], step.report);
    checkMatch(step.step.match, [...path, 'match'], step);
    if (step.step.where !== undefined) {
      const seen = withLocals(environment, { signal: eventShape });
      checkCondition(step.step.where, [...path, 'where'], { ...step, environment: seen });
    }
    if (step.step.match === undefined && step.step.where === undefined) {
      const message = 'This takes the next event of this type, even one about another payment.';
      const hint = 'Add "match": {"event.payment.id": "{{event.payment.id}}"}.';
      step.report.add('KAIT1123', { path: [...path, 'waitFor'] }, message, hint);
    }
    return checkReaction(step, 'onTimeout', environment);
  },
  outputOf: () => eventShape,
  timesOut: ({ onTimeout }) => onTimeout !== undefined && onTimeout !== 'fail' && !listEndsTheRun(onTimeout),
};

/** Events are found by an index of them. */
const mostPathBytes = 1_000;

/** Checks the `match` of a `waitFor`. Its keys are paths into the awaited event, not into the run. */
function checkMatch(match: Json | undefined, matchPath: Path, context: CheckContext): void {
  const paths = pathListOf(isObject(match) ? match : {});
  if (utf8Length(paths) > mostPathBytes) {
    const message = `The paths of this "match" take ${utf8Length(paths)} bytes, and at most ${mostPathBytes} are allowed.`;
    context.report.add('KAIT1103', { path: matchPath, on: 'key' }, message, 'Match the ids, and the rest in "where".');
  }
  const incoming = { ...createEnvironment(new Set(), true), eventOnly: true };
  for (const { key, value, path } of membersOf(match, matchPath)) {
    const { problem, shape } = resolveReference(key, incoming, false);
    if (problem !== undefined) context.report.add(problem.code, { path, on: 'key' }, problem.message, problem.hint);
    checkTemplate(value, path, context);
    checkTypes(shape, value, path, context);
  }
}

/** Values match as `==` compares them, so a text may equal a number. Null, lists and objects match nothing. */
function checkTypes(incoming: JsonShape | undefined, value: Json, path: Path, context: CheckContext): void {
  const coming = typesWithoutNull(incoming);
  const wanted = isLiteral(value) ? typesOfLiteral(value) : typesWithoutNull(shapeOfTemplate(value, context));
  if (value === null) {
    const message = 'No event ever matches null.';
    return context.report.add('KAIT1308', { path }, message, 'Use "where": {"===": [{"var": "signal.…"}, null]}.');
  }
  if (wanted === undefined) return;
  const comparable = [...wanted].filter((type) => type !== 'object' && type !== 'array');
  if (comparable.length === 0) {
    const message = `No event ever matches ${inWords(wanted)}.`;
    return context.report.add('KAIT1308', { path }, message, 'Match one of its members instead, or use "where".');
  }
  if (coming === undefined || comparable.some((type) => mayEqual(type, coming))) return;
  const message = `No event ever matches: its "${String(path.at(-1))}" is ${inWords(coming)}, got ${inWords(wanted)}.`;
  context.report.add('KAIT1308', { path }, message);
}

function mayEqual(type: string, coming: Set<string>): boolean {
  const isSpelt = (type === 'number' && coming.has('string')) || (type === 'string' && coming.has('number'));
  return isSpelt || coming.has(type);
}

function typesOfLiteral(value: Json): Types {
  if (value === null) return undefined;
  return new Set([Array.isArray(value) ? 'array' : typeof value]);
}
