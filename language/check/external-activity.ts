import { z } from 'zod';
import type { StepDefaults } from '../definition.ts';
import { type ExternalCall, taskQueueProblem } from '../external-activity.ts';
import type { Finding } from '../finding.ts';
import { isObject, type Json, type JsonObject } from '../json.ts';
import { checkForm } from './form.ts';
import { checkLimits } from './limits.ts';
import { parseSource } from './parse-source.ts';
import type { Report } from './report.ts';
import { retry } from './schemas.ts';
import { duration } from './texts.ts';
import { checkValueSchema } from './value-schema.ts';

/** An activity that a worker of another program runs, in any language that has an SDK of Temporal's: `activities/<name>.json`. */
export interface ExternalActivity extends ExternalCall {
  name: string;
  title: string;
  limits: StepDefaults;
  /** Whether it books money. */
  money: boolean;
  /** Whether a step that calls it may have an `undo`. */
  undoable: boolean;
}

const valueSchema = (of: string) =>
  z.record(z.string(), z.unknown()).meta({ description: `JSON Schema of the ${of}.` });

/** `activities/<name>.json`: an activity that a worker of another program runs. */
export const externalActivitySchema = z.strictObject({
  $schema: z.string().optional(),
  name: z.string().min(1).max(100).describe('What definitions call. The file has the same name.'),
  title: z.string().min(1).max(200).optional().describe('What it does, for lists and editors. Default: its name.'),
  taskQueue: z.string().min(1).max(200).describe('The task queue of Temporal’s on which its worker asks for work.'),
  input: valueSchema('input. Checked before the activity is scheduled'),
  output: valueSchema('output. Checked when the activity has ended'),
  timeout: duration.optional().describe('How long one attempt may take. Default 30s. A step may say otherwise.'),
  heartbeat: duration
    .optional()
    .describe('An attempt is over if it sends no heartbeat for this long. Default: heartbeats are not expected.'),
  retry: retry.optional().describe('How failed attempts are retried. A step may say otherwise.'),
  money: z.boolean().optional().describe('Whether it books money. Default false.'),
  undoable: z.boolean().optional().describe('Whether a step that calls it may have an undo. Default true.'),
});

const namePattern = /^[a-z][A-Za-z0-9]*(?:[._-][A-Za-z0-9]+)*$/;
const queuePattern = /^[\w./:@-]+$/;

/**
 * Reads the text of `activities/<name>.json`, and reports every mistake in it at once. After an error the activity is null. `isTaken` says
 * whether a name belongs to Kait itself. Never throws.
 */
export function readExternalActivity(
  { file, text }: { file: string; text: string },
  { fileName, isTaken, installation }: { fileName: string; isTaken: (name: string) => boolean; installation?: string },
): { activity: ExternalActivity | null; findings: Finding[] } {
  const { report, value } = parseSource(file, text);
  if (value === undefined) return { activity: null, findings: report.findings() };
  if (!isObject(value)) {
    report.add('KAIT1103', { path: [] }, 'The description of an activity must be an object.');
    return { activity: null, findings: report.findings() };
  }
  checkForm(externalActivitySchema, value, [], 'this activity', report);
  checkName(value.name, { fileName, isTaken }, report);
  checkQueue(value.taskQueue, installation, report);
  checkLimits({ ...value, call: '' }, [], { report, defaults: {} });
  checkSchema('input', value.input, report);
  checkSchema('output', value.output, report);
  const isSound = !report.hasErrors();
  return { activity: isSound ? activityOf(externalActivitySchema.parse(value)) : null, findings: report.findings() };
}

function checkName(
  name: Json | undefined,
  { fileName, isTaken }: { fileName: string; isTaken: (name: string) => boolean },
  report: Report,
): void {
  if (typeof name !== 'string' || name === '') return; // Reported by the check of the form.
  const place = { path: ['name'] };
  if (!namePattern.test(name))
    report.add('KAIT1109', place, `"${name}" is not a name of an activity.`, 'Use words and dots, such as points.add.');
  else if (isTaken(name)) report.add('KAIT1109', place, `"${name}" is a name of Kait’s own.`, 'Choose another name.');
  else if (name !== fileName) {
    report.add(
      'KAIT1109',
      place,
      `The activity in ${fileName}.json is named "${name}".`,
      `Name the file ${name}.json, or the activity "${fileName}".`,
    );
  }
}

function checkQueue(name: Json | undefined, installation: string | undefined, report: Report): void {
  if (typeof name !== 'string' || name === '') return;
  const place = { path: ['taskQueue'] };
  const problem = queuePattern.test(name)
    ? taskQueueProblem(name, installation)
    : 'has characters that are not allowed: use letters, digits, -, _, ., :, @ and /';
  if (problem !== undefined) report.add('KAIT1712', place, `The task queue "${name}" ${problem}.`);
}

function checkSchema(part: 'input' | 'output', schema: Json | undefined, report: Report): void {
  if (!isObject(schema)) return; // Reported by the check of the form.
  const title = `The schema of the ${part}`;
  checkValueSchema(schema, { code: 'KAIT1711', path: [part], title }, report);
  if (schema.type !== 'object' || !isObject(schema.properties ?? {})) {
    report.add('KAIT1711', { path: [part] }, `${title} must have "type": "object".`);
  } else if (part === 'input' && schema.additionalProperties !== false) {
    const why = 'so that a misspelled name in a definition is caught';
    report.add('KAIT1711', { path: [part] }, `${title} must have "additionalProperties": false, ${why}.`);
  }
}

function activityOf(file: z.infer<typeof externalActivitySchema>): ExternalActivity {
  const { name, title = name, taskQueue, timeout, heartbeat, retry: repeated, money = false, undoable = true } = file;
  const limits = {
    ...(timeout !== undefined && { timeout }),
    ...(heartbeat !== undefined && { heartbeat }),
    ...(repeated !== undefined && { retry: repeated as StepDefaults['retry'] }),
  };
  const { input, output } = file as unknown as { input: JsonObject; output: JsonObject }; // Parsed from JSON.
  return { name, title, taskQueue, input, output, limits: limits as StepDefaults, money, undoable };
}
