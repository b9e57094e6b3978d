import { describe, expect, it } from 'vitest';
import { fileURLToPath } from 'node:url';
import { filesAt } from '../../cli/definition-files.ts';
import { isTestFile, testFile } from '../../cli/commands/test.ts';
import { formatResults } from '../../simulator/definition-tests/format-results.ts';

const folder = fileURLToPath(new URL('../../definitions/workflows', import.meta.url));
const files = await filesAt([folder]);

describe.each(files.filter((file) => !isTestFile(file)))('the shipped definition %s', (definitionFile) => {
  const file = definitionFile.replace(/\.json$/, '.test.json');

  it('has tests, which pass and go through every branch', async () => {
    const { faulty, results, coverage } = await testFile(file);
    expect(faulty).toBe('');
    const report = formatResults({ file, results, coverage });
    expect(results.filter(({ differences }) => differences.length > 0).length, report).toBe(0);
    expect(coverage.missing, report).toEqual([]);
  });
});
