import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parse } from 'jsonc-parser';
import { catalogue } from '../../activities/catalogue.ts';
import { checkDefinition } from '../../language/check.ts';
import type { Definition, Step } from '../../language/definition.ts';

const guide = readFileSync(new URL('../../docs/GUIDE.md', import.meta.url), 'utf8');
const [first = '', ...additions] = [...guide.matchAll(/^```jsonc\n(.*?)^```/gms)].map(([, code = '']) => code);

/** The definition after each chapter: its steps are added, or stand in for the one of the same id. */
function chapters(): Definition[] {
  const start = parse(first) as Definition;
  return additions.reduce<Definition[]>(
    (grown, addition) => {
      const steps = [...(grown.at(-1) ?? start).steps];
      for (const step of parse(addition) as Step[]) {
        const position = steps.findIndex(({ id }) => id === step.id);
        steps.splice(position < 0 ? steps.length : position, position < 0 ? 0 : 1, step);
      }
      return [...grown, { ...start, steps }];
    },
    [start],
  );
}

it('teaches a definition that is without a finding after every chapter', () => {
  const grown = chapters();
  expect(grown.length).toBeGreaterThan(6);
  for (const definition of grown) {
    const text = JSON.stringify(definition, null, 2);
    expect(checkDefinition({ text, file: 'shop.json', activities: catalogue }).findings).toEqual([]);
  }
});
