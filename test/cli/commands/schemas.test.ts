import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { createCatalogue } from '../../../activities/catalogue.ts';
import { jsonSchemas } from '../../../cli/commands/schemas.ts';
import { projectNames } from '../../../cli/project-names.ts';
import { packagePath } from '../../../package-path.ts';

const schemas = jsonSchemas(await projectNames(packagePath('definitions'), createCatalogue()));

it('exports the schemas of activities, definitions, tests, events, presets, mails, people, secrets, settings and sources', () => {
  expect(Object.keys(schemas)).toEqual([
    'activity.schema.json',
    'workflow.schema.json',
    'workflow-test.schema.json',
    'event.schema.json',
    'gateway.schema.json',
    'event-types.schema.json',
    'event-type.schema.json',
    'mail.schema.json',
    'people.schema.json',
    'secrets.schema.json',
    'settings.schema.json',
    'sources.schema.json',
  ]);
});

it.each(Object.entries(schemas))('keeps schemas/%s in step with the code (else: npm run schemas)', (file, text) => {
  expect(readFileSync(new URL(`../../../schemas/${file}`, import.meta.url), 'utf8')).toBe(text);
});
