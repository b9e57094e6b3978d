import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { formatDefinition } from '../../authoring/format-definition.ts';
import { filesAt, kindOf } from '../../cli/definition-files.ts';
import { testFile } from '../../cli/commands/test.ts';
import { formatResults } from '../../simulator/definition-tests/format-results.ts';

const folders = ['workflows', 'examples'].map((part) =>
  fileURLToPath(new URL(`../../definitions/${part}`, import.meta.url)),
);
const files = await filesAt(folders);

describe.each(files.filter((file) => kindOf(file) === 'definition'))('the shipped definition %s', (definitionFile) => {
  const file = definitionFile.replace(/\.json$/, '.test.json');

  it.each([definitionFile, file])('is formatted as "kait fmt" does it: %s', async (each) => {
    const text = await readFile(each, 'utf8');
    expect(formatDefinition({ file: each, text }).text).toBe(text);
  });

  it('has tests, which pass and go through every branch', async () => {
    const { faulty, results, coverage } = await testFile(file);
    expect(faulty).toBe('');
    const report = formatResults({ file, results, coverage });
    expect(results.filter(({ differences }) => differences.length > 0).length, report).toBe(0);
    expect(coverage.missing, report).toEqual([]);
  });
});
