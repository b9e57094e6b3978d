import { expect, it } from 'vitest';
import { builtInActivities } from '../../activities/built-in-activities.ts';
import { exampleStep } from '../../activities/example-step.ts';
import { checkDefinition } from '../../language/check.ts';

const names = Object.keys(builtInActivities);

it.each(names)('%s has an example that its schema and a definition take', (name) => {
  const entry = builtInActivities[name]!;
  const { input, example } = entry;
  expect(input.safeParse(example)).toMatchObject({ success: true });
  const definition = {
    name: 'example',
    on: { event: 'payment.succeeded' },
    steps: [{ id: 'step', ...exampleStep(name, entry) }],
  };
  const { findings } = checkDefinition({
    text: JSON.stringify(definition),
    file: 'example.json',
    activities: builtInActivities,
  });
  expect(findings.filter(({ severity }) => severity === 'error')).toEqual([]);
});
