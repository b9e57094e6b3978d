import { z } from 'zod';
import { isObject, type JsonObject } from '../../json.ts';
import { listEndsTheRun } from '../step-lists.ts';
import {
  afterBranch,
  afterOneOf,
  atFork,
  withHandled,
  withLocals,
  type BranchEnd,
  type Environment,
} from '../environment.ts';
import { guarded, stepList } from '../schemas.ts';
import { errorType } from '../texts.ts';
import { errorShape, nullOutput, type StepCheck, type VerbCheck } from './verb-check.ts';

export const tryCheck: VerbCheck = {
  schema: z
    .strictObject({
      ...guarded,
      try: stepList.meta({ description: 'Steps whose failures are handled.' }),
      catch: z
        .array(
          z.strictObject({
            errors: z
              .array(errorType)
              .min(1)
              .max(50)
              .optional()
              .meta({ description: 'The error types that it handles. Default: all.' }),
            do: stepList.meta({ description: 'The steps that handle the failure. They see error.' }),
          }),
        )
        .min(1)
        .max(50)
        .optional()
        .meta({ description: 'The first handler for the type of the error handles it.' }),
      finally: stepList.optional().meta({ description: 'Always runs, even if the run is canceled.' }),
    })
    .meta({ anyOf: [{ required: ['catch'] }, { required: ['finally'] }] }),
  /** In `catch` and `finally`, no tried step is certain. Afterwards it is, unless a handler lets the run continue. */
  check(step) {
    const { path, environment, checkSteps, idsIn } = step;
    const handlers = handlersOf(step);
    checkHandlers(step, handlers);
    const afterTry = checkSteps(step.step.try, [...path, 'try'], withHandled(environment, typesOf(handlers)));
    const tried = afterBranch(environment, afterTry, 'sometimes');
    const inHandler = atFork(
      withLocals(tried, { error: errorShape }),
      'one only',
      handlers.map(({ do: list }) => idsIn(list)),
    );
    const handled = handlers.map(({ do: list }, position): BranchEnd => {
      const inside = checkSteps(list, [...path, 'catch', position, 'do'], inHandler(position));
      return { inside, endsTheRun: listEndsTheRun(list) };
    });
    const inFinally = handled.reduce((seen, { inside }) => afterBranch(seen, inside, 'sometimes'), tried);
    const afterFinally = checkSteps(step.step.finally, [...path, 'finally'], inFinally);
    const after = afterOneOf(environment, [
      { inside: afterTry, endsTheRun: listEndsTheRun(step.step.try) },
      ...handled,
    ]);
    return afterBranch(after, afterFinally, 'always', inFinally);
  },
  outputOf: () => nullOutput,
};

function handlersOf({ step }: StepCheck): JsonObject[] {
  return Array.isArray(step.catch) ? step.catch.map((each) => (isObject(each) ? each : {})) : [];
}

function typesOf(handlers: JsonObject[]): Environment['handled'] {
  if (handlers.some(({ errors }) => errors === undefined)) return 'all';
  return new Set(handlers.flatMap(({ errors }) => (Array.isArray(errors) ? errors.map(String) : [])));
}

function checkHandlers({ step, path, report }: StepCheck, handlers: JsonObject[]): void {
  if (step.catch === undefined && step.finally === undefined) {
    const hint = 'Add "catch": [{"do": […]}] or "finally": […].';
    report.add('KAIT1122', { path: [...path, 'try'], on: 'key' }, 'This "try" has no handler.', hint);
  }
  const taken = new Set<unknown>();
  for (const [position, { errors }] of handlers.entries()) {
    const types = Array.isArray(errors) ? errors : [];
    if (types.length > 0 && types.every((type) => taken.has(type))) {
      const message = 'No failure gets here: earlier handlers take all of these types.';
      report.add('KAIT1119', { path: [...path, 'catch', position] }, message);
    }
    for (const type of types) taken.add(type);
  }
  const catchAll = handlers.findIndex(({ errors }) => errors === undefined);
  if (catchAll >= 0 && catchAll < handlers.length - 1) {
    const message = 'No failure gets here: an earlier handler takes every type.';
    report.add(
      'KAIT1119',
      { path: [...path, 'catch', catchAll + 1] },
      message,
      'Put the handler without "errors" last.',
    );
  }
}
