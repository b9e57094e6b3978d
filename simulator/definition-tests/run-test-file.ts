import type { Definition } from '../../language/definition.ts';
import type { Finding } from '../../language/finding.ts';
import type { SimulationOptions } from '../simulate.ts';
import { checkTestFile } from './check-test-file.ts';
import { measureCoverage, type Coverage } from './coverage.ts';
import { runTest, type TestResult } from './run-test.ts';

/** What came of a test file. With a mistake in it, of which the findings tell, nothing is run. */
export interface TestFileResult {
  findings: Finding[];
  results: TestResult[];
  coverage: Coverage;
}

/** Runs the tests of a definition, whose text is for the lines of what they do not cover. */
export async function runTestFile(
  source: { file: string; text: string },
  tested: { definition: Definition; text: string },
  surroundings: Required<Pick<SimulationOptions, 'children' | 'activities' | 'finalErrors'>>,
): Promise<TestFileResult> {
  const { definition } = tested;
  const { tests, findings } = checkTestFile({ ...source, ...surroundings, definition });
  const results: TestResult[] = [];
  for (const test of tests ?? []) results.push(await runTest(test, { ...surroundings, definition }));
  return { findings, results, coverage: measureCoverage(tested, results) };
}
