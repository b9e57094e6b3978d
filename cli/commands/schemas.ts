import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { externalActivitySchema } from '../../language/check/external-activity.ts';
import { openActivities } from '../activities/open-activities.ts';
import { mailSchema } from '../../activities/mail/mail-templates.ts';
import { eventCatalogueSchema } from '../../language/check/event-catalogue-file.ts';
import { eventTypeSchema } from '../../language/check/event-type-file.ts';
import { peopleFileSchema } from '../../language/check/people-file.ts';
import { secretsFileSchema } from '../../language/check/secrets-file.ts';
import { settingsFileSchema } from '../../language/check/settings-file.ts';
import { eventSchema } from '../../language/event.ts';
import { type ProjectNames, workflowJsonSchema } from '../../language/json-schema.ts';
import { presetSchema } from '../../server/gateway/preset-schema.ts';
import { createSourcesSchema } from '../../server/gateway/source-schema.ts';
import { projectNames } from '../project-names.ts';
import { testFileJsonSchema } from '../../simulator/definition-tests/test-file-schema.ts';

/** `kait schemas`: writes the JSON Schemas for the project that the definitions belong to into a folder. */
export async function writeSchemas(folder: string, definitions: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const { catalogue } = await openActivities(definitions, 'sources');
  const schemas = jsonSchemas(await projectNames(definitions, catalogue));
  await Promise.all(Object.entries(schemas).map(([name, text]) => writeFile(join(folder, name), text)));
}

/**
 * The JSON Schemas with which editors check definitions, tests, presets and sources, and that of the event, by file name. Checks that JSON Schema
 * cannot express (selectors, canonical types) are left to `kait validate`.
 */
export function jsonSchemas(names: ProjectNames): Record<string, string> {
  return {
    'activity.schema.json': schemaText('An activity that a worker of another program runs', externalActivitySchema),
    'workflow.schema.json': workflowJsonSchema(names),
    'workflow-test.schema.json': testFileJsonSchema(),
    'event.schema.json': schemaText('The canonical event, which definitions see as event', eventSchema),
    'gateway.schema.json': schemaText(
      'How a payment gateway signs its webhooks, and how to read them',
      z.union([differencesSchema, presetSchema]),
    ),
    'event-types.schema.json': schemaText('What the catalogue of outbound webhooks says', eventCatalogueSchema),
    'event-type.schema.json': schemaText('A type of outbound webhooks', eventTypeSchema),
    'mail.schema.json': schemaText('A mail that workflows send', mailSchema),
    'people.schema.json': schemaText('Who may answer approve steps, and where they are asked', peopleFileSchema),
    'secrets.schema.json': schemaText('Where the secrets of definitions may be sent', secretsFileSchema),
    'settings.schema.json': schemaText(
      'The settings of a project, which definitions see as settings',
      settingsFileSchema,
    ),
    'sources.schema.json': schemaText(
      'The gateways that are mounted, and their URLs',
      createSourcesSchema(new Map(), null),
    ),
  };
}

/** Of a preset that extends another. What it adds is checked by `kait validate`, together with the rest. */
const differencesSchema = z.looseObject({
  $schema: z.string().optional(),
  extends: z.string().describe('The preset whose differences this file holds, as a JSON merge patch (RFC 7396).'),
});

/** Describes what people write: members with a default are optional. */
function schemaText(title: string, schema: z.ZodType): string {
  const jsonSchema = z.toJSONSchema(schema, { io: 'input', target: 'draft-2020-12' });
  return `${JSON.stringify({ title, ...jsonSchema }, null, 2)}\n`;
}
