import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { gatewayJsonSchemas } from '../../../server/gateway/json-schemas.ts';

const schemas = gatewayJsonSchemas();

it('exports the schemas of presets and sources', () => {
  expect(Object.keys(schemas)).toEqual(['gateway.schema.json', 'sources.schema.json']);
});

it.each(Object.entries(schemas))('keeps schemas/%s in step with the code (else: npm run schemas)', (file, text) => {
  expect(readFileSync(new URL(`../../../schemas/${file}`, import.meta.url), 'utf8')).toBe(text);
});
