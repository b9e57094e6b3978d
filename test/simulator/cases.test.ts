import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { testFile } from '../../cli/commands/test.ts';
import { formatResults } from '../../simulator/definition-tests/format-results.ts';

/* Definitions, with tests, that Kait once got wrong. */

it.each([
  ['path-injection'],
  ['where-poison'],
  ['literal-body'],
  ['race-events'],
  ['finally-cut'],
  ['null-in-text'],
  ['cut'],
  ['unknown'],
  ['race'],
  ['parked'],
  ['timeouts'],
  ['emit-tenant'],
])('runs %s as its tests say', async (name) => {
  const file = fileURLToPath(new URL(`cases/${name}.test.json`, import.meta.url));
  const { faulty, results, coverage } = await testFile(file);
  expect(faulty).toBe('');
  expect(
    results.flatMap(({ differences }) => differences),
    formatResults({ file, results, coverage }),
  ).toEqual([]);
});
