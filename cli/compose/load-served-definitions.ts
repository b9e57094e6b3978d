import { join } from 'node:path';
import { catalogue } from '../../activities/catalogue.ts';
import { mailTemplateNames } from '../../activities/mail/mail-templates.ts';
import type { Config } from '../../config.ts';
import { loadDefinitions, type LoadedDefinition } from '../../server/load-definitions.ts';

/** Loads the workflow definitions that this installation serves. Throws KAIT_DEFINITIONS_INVALID with what `kait validate` finds. */
export async function loadServedDefinitions({ definitions }: Pick<Config, 'definitions'>): Promise<LoadedDefinition[]> {
  const mailTemplates = await mailTemplateNames(join(definitions, 'mails'));
  return loadDefinitions(join(definitions, 'workflows'), catalogue, mailTemplates);
}
