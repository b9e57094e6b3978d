import fc from 'fast-check';
import { expect, it } from 'vitest';
import { builtInActivities } from '../../activities/built-in-activities.ts';
import { formatDefinition } from '../../authoring/format-definition.ts';
import { checkDefinition } from '../../language/check.ts';
import { planOf } from '../../language/plan.ts';
import { simulate } from '../../simulator/simulate.ts';
import { sampleEvent } from '../server/sample-event.ts';
import { arbitraryDefinition, type GeneratedDefinition } from './arbitrary-definition.ts';
import { mocksOf } from './mocks-of.ts';

const runs = { numRuns: 100 };
const parse = (text: string) => checkDefinition({ text, file: 'generated.json', activities: builtInActivities });
const run = ({ definition, answers }: GeneratedDefinition, continueEvery?: number) =>
  simulate({
    definition,
    event: sampleEvent(),
    mocks: mocksOf(answers),
    ...(continueEvery === undefined ? {} : { continueEvery }),
  });

it('every generated definition is valid', () => {
  fc.assert(
    fc.property(arbitraryDefinition, ({ definition }) => {
      const { findings } = parse(JSON.stringify(definition));
      expect(findings.filter(({ severity }) => severity === 'error')).toEqual([]);
    }),
    runs,
  );
});

it('formats to a text that has the same plan, and formats to itself', () => {
  fc.assert(
    fc.property(arbitraryDefinition, ({ definition }) => {
      const { text = '' } = formatDefinition({ file: 'generated.json', text: JSON.stringify(definition) });
      const reread = parse(text).definition;
      expect(reread).toEqual(JSON.parse(JSON.stringify(definition)));
      expect(planOf(reread ?? definition)).toEqual(planOf(definition));
      expect(formatDefinition({ file: 'generated.json', text }).text).toBe(text);
    }),
    runs,
  );
});

it('simulates without an internal error, and to an end', async () => {
  await fc.assert(
    fc.asyncProperty(arbitraryDefinition, async (generated) => {
      const { status, error } = await run(generated);
      expect(['completed', 'failed']).toContain(status);
      expect([undefined, 'CardDeclined', 'OutOfStock', 'AllFailed']).toContain(error?.type);
    }),
    runs,
  );
});

it('has the same outcome if it continues as new after every step', async () => {
  await fc.assert(
    fc.asyncProperty(arbitraryDefinition, async (generated) => {
      const [whole, broken] = [await run(generated), await run(generated, 1)];
      expect([broken.status, broken.output, broken.error]).toEqual([whole.status, whole.output, whole.error]);
      expect(broken.undone.map(({ path }) => path)).toEqual(whole.undone.map(({ path }) => path));
    }),
    runs,
  );
});
