import type { Definition } from '../../language/definition.ts';
import type { Finding } from '../../language/finding.ts';
import type { ProjectSettings } from '../../language/project-settings.ts';
import { completeEvent } from '../complete-event.ts';
import { explainTrigger } from '../explain-trigger.ts';
import { simulate, type SimulationOptions } from '../simulate.ts';
import { checkTestFile } from './check-test-file.ts';
import { compareSimulation, type Difference } from './compare-simulation.ts';
import { measureCoverage, type Coverage, type TestedRun } from './coverage.ts';
import type { DefinitionTest } from './definition-test.ts';

/** The results of a test file. If the findings report an error, nothing is run. */
export interface TestFileResult {
  findings: Finding[];
  results: TestResult[];
  coverage: Coverage;
}

/** Runs the tests of a definition. Its text is for the line numbers of the coverage. */
export async function runTestFile(
  source: { file: string; text: string },
  tested: { definition: Definition; text: string },
  surroundings: Required<Pick<SimulationOptions, 'children' | 'activities' | 'finalErrors' | 'harmlessErrors'>> &
    Pick<TestSurroundings, 'settings'>,
): Promise<TestFileResult> {
  const { definition } = tested;
  const { tests, findings } = checkTestFile({ ...source, ...surroundings, definition });
  const results: TestResult[] = [];
  for (const test of tests ?? []) results.push(await runTest(test, { ...surroundings, definition }));
  return { findings, results, coverage: measureCoverage(tested, results) };
}

export interface TestResult extends TestedRun {
  test: DefinitionTest;
  /** Empty if the test passes. */
  differences: Difference[];
}

interface TestSurroundings extends Pick<
  SimulationOptions,
  'children' | 'activities' | 'finalErrors' | 'harmlessErrors'
> {
  definition: Definition;
  /** With their defaults, so that a test has the same result everywhere. */
  settings?: ProjectSettings | undefined;
}

/** Runs one test of a definition. Rejects only if the interpreter itself has a bug. */
export async function runTest(
  test: DefinitionTest,
  { settings: known, ...surroundings }: TestSurroundings,
): Promise<TestResult> {
  const { definition } = surroundings;
  const settings = { ...known?.values, ...test.settings };
  const { event } = completeEvent(test.event ?? {}, definition);
  const trigger = explainTrigger(definition, event, settings);
  const triggered = trigger.triggered || definition.on === 'run';
  if (triggered !== (test.expect.triggered ?? true)) {
    return { test, differences: [{ kind: 'trigger', triggered, because: trigger.because }], trigger, simulation: null };
  }
  if (!triggered) return { test, differences: [], trigger, simulation: null };
  const { vars = {}, mocks = {}, events: script = [] } = test;
  const simulation = await simulate({ ...surroundings, event, settings, vars, mocks, script });
  return { test, differences: compareSimulation(test.expect, simulation), trigger, simulation };
}
