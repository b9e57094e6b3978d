import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { KaitError } from '../../errors.ts';
import { isJsonName, readJsonFile } from '../../json-files.ts';
import { formatMistakes, readJsonText, type Mistake } from '../../language/json-file.ts';
import { placeholderProblem, type MailTemplate } from './render-mail.ts';

/** By name: the file's, without `.json`. */
export type MailTemplates = ReadonlyMap<string, MailTemplate>;

const name = /^[a-z][a-z0-9-]{0,63}$/;
const schema = z.strictObject({
  subject: z.string().min(1).max(500).superRefine(checkPlaceholders),
  /** One string, or a list of lines, which is easier to read in JSON. */
  text: z
    .union([z.string(), z.array(z.string())])
    .transform((text) => (typeof text === 'string' ? text : text.join('\n')))
    .pipe(z.string().superRefine(checkPlaceholders)),
});

/**
 * Reads every `*.json` in `folder`, which need not exist. Throws `KAIT_MAIL_TEMPLATE_INVALID` with every mistake of every file, such
 * as a placeholder that could never be filled.
 */
export async function loadMailTemplates(folder: string): Promise<MailTemplates> {
  const read = await Promise.all(
    (await filesIn(folder)).map(async (file) => {
      const path = join(folder, file);
      return { name: nameOf(file), ...parseMailTemplate(path, await readFile(path, 'utf8')) };
    }),
  );
  const mistakes = read.flatMap((each) => each.mistakes);
  if (mistakes.length > 0) throw new KaitError('KAIT_MAIL_TEMPLATE_INVALID', formatMistakes(mistakes));
  return new Map(read.flatMap(({ name, template }) => (template === null ? [] : [[name, template] as const])));
}

/** Like {@link loadMailTemplates}, but leaves templates with mistakes out; `faulty` says what is wrong, by their names. */
export async function readMailTemplates(
  folder: string,
): Promise<{ templates: MailTemplates; faulty: ReadonlyMap<string, string> }> {
  const templates = new Map<string, MailTemplate>();
  const faulty = new Map<string, string>();
  for (const file of await filesIn(folder).catch(() => [])) {
    const path = join(folder, file);
    const { text, problem } = await readJsonFile(path);
    const { template, mistakes } = parseMailTemplate(path, text);
    if (template !== null && problem === null) templates.set(nameOf(file), template);
    else faulty.set(nameOf(file), problem === null ? formatMistakes(mistakes) : `${path}: ${problem}`);
  }
  return { templates, faulty };
}

/** The names of the templates in `folder`, which need not exist. The files are not read. */
export async function mailTemplateNames(folder: string): Promise<string[]> {
  return (await filesIn(folder)).map(nameOf);
}

/** Checks one template. `template` is null if there are mistakes. */
export function parseMailTemplate(file: string, text: string): { template: MailTemplate | null; mistakes: Mistake[] } {
  if (!name.test(nameOf(file))) {
    const message = 'expected a file name of lower-case letters, digits and hyphens';
    return { template: null, mistakes: [{ file, line: 1, column: 1, message }] };
  }
  const { value, mistakes } = readJsonText(schema, text, file);
  return { template: value, mistakes };
}

async function filesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter(isJsonName).sort();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}

function nameOf(file: string): string {
  return basename(file, '.json');
}

function checkPlaceholders(text: string, context: z.RefinementCtx): void {
  const problem = placeholderProblem(text);
  if (problem !== null) context.addIssue(problem);
}
