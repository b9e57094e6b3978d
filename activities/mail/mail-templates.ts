import { basename } from 'node:path';
import { z } from 'zod';
import { KaitError } from '../../errors.ts';
import { layeredFiles } from '../../definition-layers.ts';
import { jsonNameOf, readJsonFile } from '../../json-files.ts';
import { checkForm } from '../../language/check/form.ts';
import { parseSource } from '../../language/check/parse-source.ts';
import type { Path, Report } from '../../language/check/report.ts';
import { type Finding, formatFindings } from '../../language/finding.ts';
import { isLocale, isTimeZone } from '../../language/locales.ts';
import { isObject, type JsonObject } from '../../language/json.ts';
import { neededValues, placeholderProblems } from './placeholders.ts';
import type { MailTemplate } from './render-mail.ts';

/** By name: the file's, without `.json`. */
export type MailTemplates = ReadonlyMap<string, MailTemplate>;

const name = /^[a-z][a-z0-9-]{0,63}$/;
/** `definitions/mails/<name>.json`. */
export const mailSchema = z.strictObject({
  $schema: z.string().optional(),
  subject: z.string().min(1).max(500).describe('One line. It may hold placeholders, as the text may.'),
  text: z
    .union([z.string(), z.array(z.string())])
    .describe(
      'A text, or a list of lines. {{event.payment.id}}, {{values.name}}, {{money}}, {{date event.occurredAt}}.',
    ),
  locale: z.string().optional().describe('How amounts and times are written: id-ID. Default: KAIT_MAIL_LOCALE.'),
  timeZone: z.string().optional().describe('For times: Asia/Jakarta. Default: KAIT_MAIL_TIME_ZONE.'),
});

/**
 * Reads every `*.json` of the folders: see `layersOf`. None of them need exist. Throws `KAIT_MAIL_TEMPLATE_INVALID` with every mistake of every file, such
 * as a placeholder that could never be filled.
 */
export async function loadMailTemplates(folders: readonly string[]): Promise<MailTemplates> {
  const { templates, faulty } = await readMailTemplates(folders);
  if (faulty.size > 0) throw new KaitError('KAIT_MAIL_TEMPLATE_INVALID', [...faulty.values()].join('\n'));
  return templates;
}

/** Like {@link loadMailTemplates}, but leaves templates with mistakes out; `faulty` says what is wrong, by their names. */
export async function readMailTemplates(
  folders: readonly string[],
): Promise<{ templates: MailTemplates; faulty: ReadonlyMap<string, string> }> {
  const templates = new Map<string, MailTemplate>();
  const faulty = new Map<string, string>();
  for (const [name, [path]] of await layeredFiles(folders, jsonNameOf)) {
    const { text, problem } = readJsonFile(path);
    const { template, findings } = parseMailTemplate(path, text);
    if (template !== null && problem === null) templates.set(name, template);
    else faulty.set(name, problem === null ? formatFindings({ file: path, text, findings }) : `${path}: ${problem}`);
  }
  return { templates, faulty };
}

/** The values that a step must give to each template, by the templates' names. Of one with a mistake none are known. */
export function valuesNeededBy({
  templates,
  faulty,
}: {
  templates: MailTemplates;
  faulty: ReadonlyMap<string, string>;
}): Map<string, string[]> {
  return new Map([
    ...[...faulty.keys()].map((name): [string, string[]] => [name, []]),
    ...[...templates].map(([name, { subject, text }]): [string, string[]] => [name, neededValues([subject, text])]),
  ]);
}

/** Checks one template. `template` is null if there are mistakes. Never throws. */
export function parseMailTemplate(file: string, text: string): { template: MailTemplate | null; findings: Finding[] } {
  const { report, value } = parseSource(file, text);
  if (!name.test(nameOf(file))) {
    const message = 'The name of a mail is made of lower-case letters, digits and hyphens.';
    report.add('KAIT1109', { path: [] }, message, 'Rename the file, for example to receipt.json.');
  }
  if (value !== undefined && !isObject(value)) report.add('KAIT1103', { path: [] }, 'A mail must be an object.');
  if (isObject(value)) checkMail(value, report);
  const template = isObject(value) && !report.hasErrors() ? templateOf(value) : null;
  return { template, findings: report.findings() };
}

function nameOf(file: string): string {
  return basename(file, '.json');
}

function checkMail(mail: JsonObject, report: Report): void {
  checkForm(mailSchema, mail, [], 'the mail', report);
  for (const { text, path } of textsOf(mail)) {
    for (const { message, hint, ...within } of placeholderProblems(text)) {
      report.add('KAIT1801', { path, within }, message, hint);
    }
  }
  const { locale, timeZone } = mail;
  if (typeof locale === 'string' && !isLocale(locale)) {
    report.add(
      'KAIT1803',
      { path: ['locale'] },
      `"${locale}" is no locale.`,
      'Write a language and a region: "id-ID".',
    );
  }
  if (typeof timeZone === 'string' && !isTimeZone(timeZone)) {
    report.add(
      'KAIT1803',
      { path: ['timeZone'] },
      `"${timeZone}" is no time zone.`,
      'Write one such as "Asia/Jakarta".',
    );
  }
}

/** The texts with placeholders, and where they stand. */
function textsOf({ subject, text }: JsonObject): { text: string; path: Path }[] {
  const lines = Array.isArray(text)
    ? [...text.entries()].map(([line, each]) => ({ text: each, path: ['text', line] }))
    : [];
  const all = [{ text: subject, path: ['subject'] }, { text, path: ['text'] }, ...lines];
  return all.flatMap((each) => (typeof each.text === 'string' ? [{ text: each.text, path: each.path }] : []));
}

function templateOf(value: JsonObject): MailTemplate {
  const { subject, text, locale, timeZone } = mailSchema.parse(value);
  return {
    ...{ subject, text: typeof text === 'string' ? text : text.join('\n') },
    ...(locale === undefined ? {} : { locale }),
    ...(timeZone === undefined ? {} : { timeZone }),
  };
}
