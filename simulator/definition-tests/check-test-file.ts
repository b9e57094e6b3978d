import type { ActivityTypes } from '../../language/check.ts';
import { membersOf } from '../../language/check/context.ts';
import { checkForm } from '../../language/check/form.ts';
import { parseSource } from '../../language/check/parse-source.ts';
import type { Path } from '../../language/check/report.ts';
import type { Definition } from '../../language/definition.ts';
import type { Finding } from '../../language/finding.ts';
import { isObject, type Json, type JsonObject } from '../../language/json.ts';
import type { ProjectSettings } from '../../language/project-settings.ts';
import { checkPartialEvent, checkStepPath, type TestContext } from './check-context.ts';
import { checkMocks } from './check-mocks.ts';
import { checkElapsed, checkScript } from './check-script.ts';
import { checkTestSettings } from './check-settings.ts';
import type { DefinitionTest } from './definition-test.ts';
import { partSchemas } from './test-file-schema.ts';
import { undonePath, parseTraceLine, traceLineForm } from './trace-line.ts';

/**
 * Parses a test file and reports every mistake, as `checkDefinition` does. `tests` is null if there is an error. Never throws.
 */
export function checkTestFile(source: {
  text: string;
  file: string;
  /** The definition under test. */
  definition: Definition;
  children: Readonly<Record<string, Definition>>;
  activities: ActivityTypes;
  settings?: ProjectSettings | undefined;
}): { tests: DefinitionTest[] | null; findings: Finding[] } {
  const { report, value } = parseSource(source.file, source.text);
  if (isObject(value)) checkTests(value, { ...source, report });
  else if (value !== undefined) report.add('KAIT1103', { path: [] }, 'A test file must be an object.');
  const isSound = isObject(value) && !report.hasErrors();
  const tests = isSound ? (value.tests as unknown as DefinitionTest[]) : null; // As checked by the schema.
  return { tests, findings: report.findings() };
}

function checkTests(file: JsonObject, context: TestContext): void {
  checkForm(partSchemas.file, file, [], 'the test file', context.report);
  if (!Array.isArray(file.tests)) return;
  const names = new Set<Json>();
  for (const [position, test] of file.tests.entries()) {
    const path = ['tests', position];
    checkForm(partSchemas.test, test, path, 'this test', context.report);
    if (!isObject(test)) continue;
    if (test.name !== undefined && names.has(test.name)) {
      context.report.add('KAIT1104', { path: [...path, 'name'] }, 'Another test already has this name.');
    }
    names.add(test.name ?? null);
    checkTest(test, path, context);
  }
}

function checkTest({ event, settings, mocks, events, expect }: JsonObject, path: Path, context: TestContext): void {
  checkTestSettings(settings, path, context);
  if (isObject(event)) checkPartialEvent(event, [...path, 'event'], context.report);
  if (isObject(mocks)) checkMocks(mocks, [...path, 'mocks'], context);
  if (Array.isArray(events)) checkScript(events, [...path, 'events'], context);
  if (isObject(expect)) checkExpectation(expect, [...path, 'expect'], context);
}

function checkExpectation(expect: JsonObject, path: Path, context: TestContext): void {
  const { report } = context;
  checkForm(partSchemas.expectation, expect, path, 'the expectation', report);
  if (expect.triggered === false) {
    for (const { key, path: memberPath } of membersOf(expect, path)) {
      if (key === 'triggered') continue;
      report.add('KAIT1101', { path: memberPath, on: 'key' }, 'If no run is expected, nothing else can be.');
    }
  }
  for (const [position, line] of texts(expect.trace)) checkTraceLine(line, [...path, 'trace', position], context);
  for (const { key, value, path: stepPath } of membersOf(expect.steps, [...path, 'steps'])) {
    checkStepPath(key, { path: stepPath, on: 'key' }, context);
    if (!isObject(value)) continue;
    checkForm(partSchemas.step, value, stepPath, 'the expected step', report);
    checkElapsed(value.endedAt, [...stepPath, 'endedAt'], context);
  }
  for (const [position, line] of texts(expect.undo)) checkUndoLine(line, [...path, 'undo', position], context);
  const step = isObject(expect.error) ? expect.error.step : undefined;
  if (typeof step === 'string') checkStepPath(step, { path: [...path, 'error', 'step'] }, context);
}

function checkTraceLine(line: string, path: Path, context: TestContext): void {
  const parsed = parseTraceLine(line);
  if (parsed !== undefined) return void checkStepPath(parsed.path, { path }, context);
  context.report.add('KAIT1104', { path }, `"${line}" is not a trace line.`, `Write ${traceLineForm}.`);
}

function checkUndoLine(line: string, path: Path, context: TestContext): void {
  const stepPath = undonePath(line);
  const found = checkStepPath(stepPath, { path }, context);
  if (found === undefined || 'undo' in found.step) return;
  context.report.add('KAIT1104', { path }, `Step "${stepPath}" has no "undo", so it is never undone.`);
}

/** The texts of a list with their positions. Other items are reported elsewhere. */
function texts(list: Json | undefined): [position: number, text: string][] {
  if (!Array.isArray(list)) return [];
  return [...list.entries()].flatMap(([position, text]) => (typeof text === 'string' ? [[position, text]] : []));
}
