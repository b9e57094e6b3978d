import { basename } from 'node:path';
import { z } from 'zod';
import { KaitError } from '../../errors.ts';
import { layeredFiles } from '../../definition-layers.ts';
import { jsonNameOf, readJsonFile } from '../../json-files.ts';
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
    const { text, problem } = await readJsonFile(path);
    const { template, mistakes } = parseMailTemplate(path, text);
    if (template !== null && problem === null) templates.set(name, template);
    else faulty.set(name, problem === null ? formatMistakes(mistakes) : `${path}: ${problem}`);
  }
  return { templates, faulty };
}

/** The names of the templates in the folders, none of which need exist. The files are not read. */
export async function mailTemplateNames(folders: readonly string[]): Promise<string[]> {
  return [...(await layeredFiles(folders, jsonNameOf)).keys()];
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

function nameOf(file: string): string {
  return basename(file, '.json');
}

function checkPlaceholders(text: string, context: z.RefinementCtx): void {
  const problem = placeholderProblem(text);
  if (problem !== null) context.addIssue(problem);
}
