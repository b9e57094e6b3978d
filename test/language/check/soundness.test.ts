import fc from 'fast-check';
import { expect, it } from 'vitest';
import { builtInActivities } from '../../../activities/built-in-activities.ts';
import { allSteps } from '../../../language/plan.ts';
import { checkDefinition } from '../../../language/check.ts';
import type { Definition, Step } from '../../../language/definition.ts';
import { branchesOf } from '../../../language/verbs.ts';
import { simulate } from '../../../simulator/simulate.ts';
import { arbitraryDefinition } from '../../definitions/arbitrary-definition.ts';
import { mocksOf } from '../../definitions/mocks-of.ts';
import { sampleEvent } from '../../server/sample-event.ts';

const arbitraryProbe = fc.record({
  generated: arbitraryDefinition,
  /** Which list of the definition the probe is put behind, and which step it reads: counted round. */
  list: fc.nat(),
  read: fc.nat(),
  stopsWithout: fc.boolean(),
});

it('a path that the checker has nothing to say about never fails a run', async () => {
  let certain = 0;
  await fc.assert(
    fc.asyncProperty(arbitraryProbe, async ({ generated, ...where }) => {
      const definition = withProbe(generated.definition, where);
      const { findings } = checkDefinition({
        text: JSON.stringify(definition),
        file: 'a.json',
        activities: builtInActivities,
      });
      if (findings.length > 0) return;
      certain += 1;
      const { error } = await simulate({ definition, event: sampleEvent(), mocks: mocksOf(generated.answers) });
      expect(error?.type).not.toBe('ExpressionFailed');
    }),
    { numRuns: 300, seed: 21 },
  );
  expect(certain).toBeGreaterThan(40);
});

/** The definition with a step that reads the `id` of another's output, behind one that stops the run without it, or not. */
function withProbe(original: Definition, where: { list: number; read: number; stopsWithout: boolean }): Definition {
  const definition = structuredClone(original);
  const all = allSteps(definition.steps);
  const calls = all.filter((step) => 'call' in step);
  const read = calls[where.read % Math.max(1, calls.length)]?.id ?? 'none';
  const inside = all
    .filter((step) => !('parallel' in step))
    .flatMap((step) => branchesOf(step).map(({ steps }) => steps));
  const lists = [definition.steps, ...inside];
  const list = lists[where.list % lists.length] ?? definition.steps;
  const probe: Step[] = [{ id: 'probe', set: { probed: `{{steps.${read}.id}}` } }];
  if (where.stopsWithout) probe.unshift({ id: 'stopper', if: { '!': { var: `steps.${read}` } }, stop: 'without' });
  list.push(...probe);
  return definition;
}
