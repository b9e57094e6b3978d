import type { StepCoverage } from '../../../simulator/definition-tests/coverage.ts';
import type { GraphState } from '../../parts/graph/graph.tsx';

/** How the graph shows what tests cover. Steps in no test have no state. */
export function coveredStates(
  steps: readonly StepCoverage[] | null,
  { inTests }: { inTests: (tests: number) => string },
): ReadonlyMap<string, GraphState> | undefined {
  if (steps === null) return undefined;
  return new Map(
    steps.flatMap(({ step, tests, branches }) => {
      if (tests === null || tests === 0) return [];
      const isWhole = branches.every(({ isCovered }) => isCovered);
      return [[step, { tone: isWhole ? 'ok' : 'warn', label: inTests(tests) }] as const];
    }),
  );
}
