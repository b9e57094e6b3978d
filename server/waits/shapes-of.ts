import { pathListOf } from '../../language/correlation.ts';
import { stepsOf } from '../../language/plan.ts';
import type { WaitShape } from '../../storage/waits/wait-shapes.ts';
import type { LoadedDefinition } from '../load-definitions.ts';

/** What the `waitFor` steps of definitions name and match. */
export function shapesOf(definitions: readonly Pick<LoadedDefinition, 'definition'>[]): WaitShape[] {
  return definitions.flatMap(({ definition }) =>
    stepsOf(definition).flatMap((step) => {
      if (!('waitFor' in step)) return [];
      const paths = pathListOf(step.match ?? {});
      return [step.waitFor].flat().map((type) => ({ type, paths }));
    }),
  );
}
