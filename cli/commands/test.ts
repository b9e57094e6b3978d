import { watch, existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Stoppable } from '../compose/until-stopped.ts';
import { KaitError } from '../../errors.ts';
import { formatFindings } from '../../language/finding.ts';
import { formatResults } from '../../simulator/definition-tests/format-results.ts';
import { runTestFile, type TestFileResult } from '../../simulator/definition-tests/run-tests.ts';
import { definitionFileOf, filesAt, isFolder, kindOf, readText, testFileOf, wrongKind } from '../definition-files.ts';
import { installationOf, openDefinition } from '../open-definition.ts';
import { paint } from '../terminal.ts';

export interface TestOptions {
  /** The percentage of each definition's branches that its tests must cover. */
  minCoverage: number;
}

/**
 * `kait test`: runs the tests beside definitions. `paths` are definitions, their tests, or folders of both. Resolves to the exit
 * code: 0 if every test passes and the tests cover enough.
 */
export async function runTests(
  paths: string[],
  { minCoverage }: TestOptions,
  write: (text: string) => void,
): Promise<number> {
  const files = await testFilesAt(paths);
  if (files.length === 0) {
    write('There are no tests. Put the tests of shop.json into shop.test.json beside it.');
    return 1;
  }
  const outcomes: FileOutcome[] = [];
  for (const file of files) outcomes.push(await runFile(file, minCoverage, write));
  const count = (property: 'passed' | 'failed') => outcomes.reduce((sum, each) => sum + each[property], 0);
  const isGood = outcomes.every(({ good }) => good);
  const passed = count('passed');
  const summary = `${passed} ${passed === 1 ? 'test' : 'tests'} passed, ${count('failed')} failed`;
  write(`${paint(isGood ? 'good' : 'bad', summary)} in ${files.length} ${files.length === 1 ? 'file' : 'files'}.`);
  return isGood ? 0 : 1;
}

interface FileOutcome {
  passed: number;
  failed: number;
  /** Nothing is wrong with the file, and its tests cover enough. */
  good: boolean;
}

/**
 * The test files that paths name, each once. A definition stands for its test file; if several paths are given, as by a glob, it
 * may have none. Throws KAIT_USAGE if a path does not exist or is of another kind, and for a lone definition without tests.
 */
export async function testFilesAt(paths: string[]): Promise<string[]> {
  const found: string[] = [];
  for (const path of paths) {
    if (await isFolder(path)) {
      found.push(...(await filesAt([path])).filter((file) => kindOf(file) === 'tests'));
    } else if (kindOf(path) === 'tests') {
      found.push(path);
    } else if (kindOf(path) === 'definition') {
      const file = testFileOf(path);
      if (existsSync(file)) found.push(file);
      else if (paths.length === 1) throw new KaitError('KAIT_USAGE', `${path} has no tests: there is no ${file}.`);
    } else {
      throw wrongKind(path, 'test', 'test files, definitions and folders of them');
    }
  }
  return [...new Set(found)];
}

/** Runs the tests of one file. If the file or its definition has mistakes, nothing is run and `faulty` shows them. */
export async function testFile(file: string): Promise<TestFileResult & { faulty: string }> {
  const text = await readText(file);
  const tested = await openDefinition(definitionFileOf(file), 'test', 'defaults');
  const { definition, children, settings, catalogue } = tested;
  if (definition === null) return { ...noResults, faulty: formatFindings(tested) };
  const result = await runTestFile(
    { file, text },
    { definition, text: tested.text },
    { ...installationOf(catalogue), children, settings },
  );
  return { ...result, faulty: formatFindings({ file, text, findings: result.findings }) };
}

const noResults: TestFileResult = { findings: [], results: [], coverage: { covered: 0, total: 0, missing: [] } };

async function runFile(file: string, minCoverage: number, write: (text: string) => void): Promise<FileOutcome> {
  const { faulty, results, coverage } = await testFile(file);
  if (faulty !== '') write(`${faulty}\n`);
  if (results.length === 0) return { passed: 0, failed: 0, good: false };
  write(`${formatResults({ file, results, coverage }, paint)}\n`);
  const failed = results.filter(({ differences }) => differences.length > 0).length;
  const percent = coverage.total === 0 ? 100 : (coverage.covered / coverage.total) * 100;
  const covers = percent >= minCoverage;
  const shortfall = `${percent.toFixed(1)} % of the branches are covered, expected at least ${minCoverage} %`;
  if (!covers) write(paint('bad', `  ${shortfall}: ${file}`));
  return { passed: results.length - failed, failed, good: failed === 0 && covers };
}

/** The folder whose tests run if no path is given. */
export const testsFolderOf = (definitions: string) => join(definitions, 'workflows');

/** An editor saves in several steps. Changes within this time count as one. */
const quietMs = 100;

/**
 * `kait test --watch`: runs the tests, and after each change the affected ones. A changed test file affects its own tests. A changed
 * definition affects all tests of its folder, because other definitions may run it. Mistakes are shown and do not end the watching.
 */
export async function watchTests(
  paths: string[],
  options: TestOptions,
  write: (text: string) => void,
): Promise<Stoppable> {
  const files = await testFilesAt(paths);
  const changed = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  let running = run(files);

  function run(which: string[]): Promise<void> {
    return runTests(which, options, write).then(
      () => write('Waiting for a change …'),
      (error: unknown) => write(error instanceof Error ? error.message : String(error)),
    );
  }

  function runChanged(): void {
    const all = [...changed];
    changed.clear();
    running = running.then(() => run(affectedBy(all, files)));
  }

  const watchers = [...new Set(files.map((file) => dirname(file)))].map((folder) => {
    return watch(folder, (_event, name) => {
      if (name?.endsWith('.json') !== true) return;
      changed.add(join(folder, name));
      clearTimeout(timer);
      timer = setTimeout(runChanged, quietMs);
    });
  });
  return {
    async stop() {
      for (const watcher of watchers) watcher.close();
      clearTimeout(timer);
      await running;
    },
  };
}

/** The watched test files that changes affect. */
export function affectedBy(changed: string[], files: string[]): string[] {
  return files.filter((file) =>
    changed.some((each) => {
      return kindOf(each) === 'tests' ? join(file) === each : dirname(file) === dirname(each);
    }),
  );
}
