import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { KaitError } from '../../errors.ts';
import { checkPlaceholders, type MailTemplate } from './render-mail.ts';

/** By name: the file's, without `.json`. */
export type MailTemplates = ReadonlyMap<string, MailTemplate>;

const name = /^[a-z][a-z0-9-]{0,63}$/;
const schema = z.strictObject({
  subject: z.string().min(1).max(500),
  /** One string, or a list of lines, which is easier to read in JSON. */
  text: z
    .union([z.string(), z.array(z.string())])
    .transform((text) => (typeof text === 'string' ? text : text.join('\n'))),
});

/**
 * Reads every `*.json` in `folder`, which need not exist. Throws `KAIT_MAIL_TEMPLATE_INVALID`, naming the file, also for a
 * placeholder that could never be filled.
 */
export async function loadMailTemplates(folder: string): Promise<MailTemplates> {
  const files = (await filesIn(folder)).filter((file) => file.endsWith('.json')).sort();
  const templates = files.map(
    async (file) => [basename(file, '.json'), await loadMailTemplate(join(folder, file))] as const,
  );
  return new Map(await Promise.all(templates));
}

async function filesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}

/** Reads one template. Throws `KAIT_MAIL_TEMPLATE_INVALID`, naming the file and what is wrong. */
export async function loadMailTemplate(path: string): Promise<MailTemplate> {
  try {
    if (!name.test(basename(path, '.json')))
      throw new Error('expected a name of lower-case letters, digits and hyphens');
    const template = schema.parse(JSON.parse(await readFile(path, 'utf8')));
    checkPlaceholders(template.subject);
    checkPlaceholders(template.text);
    return template;
  } catch (error) {
    throw new KaitError('KAIT_MAIL_TEMPLATE_INVALID', `${path}: ${reasonOf(error)}`, { cause: error });
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof z.ZodError) return z.prettifyError(error);
  return error instanceof Error ? error.message : String(error);
}
