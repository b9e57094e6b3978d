import { pathListOf } from '../../language/correlation.ts';
import { allSteps } from '../../language/plan.ts';
import type { WaitShape } from '../../storage/waits/wait-shapes.ts';
import type { LoadedDefinition } from '../load-definitions.ts';

/** What the `waitFor` steps of definitions name and match. */
export function shapesOf(definitions: readonly Pick<LoadedDefinition, 'definition'>[]): WaitShape[] {
  return definitions.flatMap(({ definition }) =>
    allSteps(definition.steps).flatMap((step) => {
      if (!('waitFor' in step)) return [];
      const paths = pathListOf(step.match ?? {});
      return [step.waitFor].flat().map((type) => ({ type, paths }));
    }),
  );
}
