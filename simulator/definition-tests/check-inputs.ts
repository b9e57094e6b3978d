import { parseSource } from '../../language/check/parse-source.ts';
import type { Finding } from '../../language/finding.ts';
import { isObject, type Json } from '../../language/json.ts';
import type { PartialEvent } from '../complete-event.ts';
import type { Mocks } from '../mocks.ts';
import type { ScriptEntry } from '../script.ts';
import { type TestContext, checkPartialEvent } from './check-context.ts';
import { checkMocks } from './check-mocks.ts';
import { checkScript } from './check-script.ts';

/** A file that `kait simulate` takes besides the definition. */
export interface InputFile {
  file: string;
  text: string;
}

/** `value` is undefined exactly if a finding is an error. */
export interface CheckedInput<Value> {
  value: Value | undefined;
  findings: Finding[];
}

type Surroundings = Omit<TestContext, 'report'>;

/** Checks a complete or partial event. */
export function checkEvent(input: InputFile): CheckedInput<PartialEvent> {
  return check<PartialEvent>(input, (value, { report }) => {
    if (isObject(value)) checkPartialEvent(value, [], report);
    else report.add('KAIT1103', { path: [] }, 'An event must be an object.');
  });
}

/** Checks mocks by step, as in a test. */
export function checkMocksFile(input: InputFile, surroundings: Surroundings): CheckedInput<Mocks> {
  return check<Mocks>(input, (value, { report }) => {
    if (isObject(value)) checkMocks(value, [], { ...surroundings, report });
    else report.add('KAIT1103', { path: [] }, 'Mocks must be an object with a key for each step.');
  });
}

/** Checks a list of later events and commands, as in a test's `events`. */
export function checkScriptFile(input: InputFile, surroundings: Surroundings): CheckedInput<ScriptEntry[]> {
  return check<ScriptEntry[]>(input, (value, { report }) => {
    if (Array.isArray(value)) checkScript(value, [], { ...surroundings, report });
    else report.add('KAIT1103', { path: [] }, 'The script must be a list.');
  });
}

function check<Value>(
  { file, text }: InputFile,
  checkValue: (value: Json, context: Pick<TestContext, 'report'>) => void,
): CheckedInput<Value> {
  const { report, value } = parseSource(file, text);
  if (value !== undefined) checkValue(value, { report });
  const isSound = value !== undefined && !report.hasErrors();
  return { value: isSound ? (value as Value) : undefined, findings: report.findings() }; // As checked.
}
