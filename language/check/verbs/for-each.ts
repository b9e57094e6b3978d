import { isObject, type JsonObject } from '../../json.ts';
import { z } from 'zod';
import { runLimits } from '../../verbs.ts';
import { afterLoop, withHandled, withLocals, withStrangers, type Environment } from '../environment.ts';
import type { JsonShape } from '../json-shape.ts';
import { guarded, join, localNameSchema, reaction, stepList, template } from '../schemas.ts';
import { checkTemplate } from '../logic.ts';
import { originOfTemplate } from '../stranger.ts';
import { isLiteral, shapeOfTemplate } from '../template.ts';
import { isReservedName } from '../texts.ts';
import { scopeRoots } from '../../scope.ts';
import { errorShape, numberShape, objectShape, type StepCheck, type VerbCheck } from './verb-check.ts';

export const forEachCheck: VerbCheck = {
  schema: z.strictObject({
    ...guarded,
    forEach: z
      .strictObject({
        in: template.meta({ description: 'The list.', allOf: [{ $ref: '#/definitions/template' }] }),
        as: localNameSchema
          .optional()
          .meta({ description: 'Another name for the item. Inner loops see the item by this name.' }),
        concurrency: z
          .int()
          .min(1)
          .max(runLimits.itemsAtOnce)
          .optional()
          .meta({ description: 'How many items run at the same time. Default 1.' }),
        join,
        onItemError: reaction
          .optional()
          .meta({ description: 'What to do if an item fails: fail (default), continue, or steps, which see error.' }),
        collect: template
          .optional()
          .meta({ description: 'Evaluated after each item. The values become results in the output.' }),
      })
      .meta({ description: 'The list and how to run it. The output is {count, done, failed, results}.' }),
    do: stepList.meta({ description: 'The steps for each item. They see item and index.' }),
  }),
  check(step) {
    const { path, environment, checkSteps, idsIn } = step;
    const settings = isObject(step.step.forEach) ? step.step.forEach : {};
    const at = [...path, 'forEach'];
    checkTemplate(settings.in ?? null, [...at, 'in'], step);
    checkIsList(step, settings.in);
    checkName(step, settings.as);
    const locals = localsOf(settings.as, itemShape(step, settings.in));
    const inside = insideOf(step, settings, withLocals(environment, locals));
    const afterItem = checkSteps(step.step.do, [...path, 'do'], inside);
    if (settings.collect !== undefined) {
      checkTemplate(settings.collect, [...at, 'collect'], { ...step, environment: afterItem });
    }
    const failing = withLocals(inside, { error: errorShape });
    const afterError: Environment = Array.isArray(settings.onItemError)
      ? checkSteps(settings.onItemError, [...at, 'onItemError'], failing)
      : inside;
    const ids = [step.step.do, settings.onItemError].flatMap((list) => (Array.isArray(list) ? idsIn(list) : []));
    return afterLoop(afterLoop(environment, afterItem, ids), afterError, []);
  },
  outputOf: () =>
    objectShape({
      count: numberShape,
      done: numberShape,
      failed: { type: 'array', items: objectShape({ index: numberShape, error: failedItemShape }) },
      results: { type: 'array' },
    }),
};

/** What an item's failure leaves in the output: a list of them must stay small. */
const failedItemShape = objectShape({
  type: { type: 'string' },
  message: { type: 'string' },
  step: { type: ['string', 'null'] },
});

/** The item holds whatever its list does. A failure that ends only its item does not fail the run. */
function insideOf(step: StepCheck, { in: list, as, join, onItemError }: JsonObject, seen: Environment): Environment {
  const origin = originOfTemplate(list ?? null, step.environment)?.origin;
  const names = ['item', ...(typeof as === 'string' ? [as] : [])];
  const inside = withStrangers(
    seen,
    names.map((name) => [name, origin]),
  );
  const goesOn = onItemError === 'continue' || Array.isArray(onItemError) || join === 'settle' || join === 'first';
  return goesOn ? withHandled(inside, 'all') : inside;
}

function localsOf(as: unknown, item: JsonShape): Record<string, JsonShape> {
  return { item, index: numberShape, ...(typeof as === 'string' ? { [as]: item } : {}) };
}

function itemShape(step: StepCheck, list: StepCheck['step'][string] | undefined): JsonShape {
  return shapeOfTemplate(list ?? null, step)?.items ?? {};
}

function checkIsList(step: StepCheck, list: StepCheck['step'][string] | undefined): void {
  if (list === undefined || Array.isArray(list)) return;
  const types = shapeOfTemplate(list, step)?.type;
  const path = [...step.path, 'forEach', 'in'];
  const isText = typeof list === 'string' && !/^\{\{[^{}]*\}\}$/.test(list.trim());
  if (isText || (isLiteral(list) && !isObject(list))) {
    step.report.add('KAIT1103', { path }, '"in" must be a list.', 'Use "{{path}}", an expression or a list.');
  } else if (types !== undefined && ![types].flat().includes('array')) {
    step.report.add('KAIT1103', { path }, `"in" must be a list, got a path to ${[types].flat().join(' or ')}.`);
  }
}

/** The name becomes a root of paths, so it must not hide another one. */
function checkName({ report, path, environment }: StepCheck, as: unknown): void {
  if (typeof as !== 'string') return;
  const place = { path: [...path, 'forEach', 'as'] };
  if (isReservedName(as)) report.add('KAIT1110', place, `"${as}" is a reserved name.`);
  const taken = (scopeRoots as readonly string[]).includes(as) || environment.locals.has(as);
  if (taken) report.add('KAIT1121', place, `"${as}" already has a meaning here.`, 'Choose another name for the item.');
}
