import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createConfig, lintFromString } from '@redocly/openapi-core';
import Ajv from 'ajv';
import { expect, it } from 'vitest';
import { asyncApiOf } from '../../../authoring/event-catalogue/async-api.ts';
import type { Catalogue } from '../../../authoring/event-catalogue/catalogue.ts';
import { catalogueMarkdown } from '../../../authoring/event-catalogue/markdown.ts';
import { openApiOf } from '../../../authoring/event-catalogue/open-api.ts';
import { cataloguePage } from '../../../authoring/event-catalogue/page.ts';
import { schemaRows } from '../../../authoring/event-catalogue/schema-table.ts';
import { verifySamples } from '../../../authoring/event-catalogue/verify-samples.ts';
import { signedHeaders } from '../../../activities/outbound/sign.ts';
import { readEventType } from '../../../language/check/event-type-file.ts';
import { defaultCatalogue, type EventType } from '../../../language/event-types.ts';
import type { Json, JsonObject } from '../../../language/json.ts';
import { referredSchema } from '../../../language/values/value-schema.ts';
import { temporaryFolder } from '../../temporary-folder.ts';

function typeOf(name: string, content: Json): [string, EventType] {
  const { eventType, findings } = readEventType({ file: name, text: JSON.stringify(content) }, name);
  expect(findings).toEqual([]);
  return [name, eventType!];
}

const tree = {
  type: 'object',
  properties: {
    id: { type: 'string', format: 'uuid', description: 'Of the | node.' },
    children: { type: 'array', items: { $ref: '#' }, maxItems: 3 },
    size: { $ref: '#/$defs/size' },
    kind: { enum: ['leaf', 'branch'] },
    // Names of members that are keywords elsewhere.
    $ref: { type: 'string' },
    const: { const: { $ref: 'no reference' } },
    anything: true,
    never: false,
    either: { anyOf: [{ type: 'string', minLength: 2 }, { type: 'null' }] },
  },
  required: ['id'],
  $defs: { size: { type: 'integer', minimum: 1 } },
};
const catalogue: Catalogue = {
  scheduleMs: [0, 5_000, 1_800_000, 36_000_000],
  types: {
    byName: new Map([
      typeOf('order.created', { description: 'A paid order.', example: { orderId: 'ord_1', lines: [{ sku: 'a' }] } }),
      typeOf('tree-1.Grown_2', { deprecated: 'Use tree.grown.', data: tree }),
      typeOf('a.b', { data: { type: 'object', $schema: 'https://json-schema.org/draft/2020-12/schema' } }),
    ]),
    about: {
      ...defaultCatalogue,
      title: '<script>alert(1)</script>',
      description: 'First.\n\n"Second" & `third`.',
      contact: { name: 'Ana', email: 'ana@shop.example' },
    },
  },
};
const nothing: Catalogue = { scheduleMs: [], types: { byName: new Map(), about: defaultCatalogue } };

const require = createRequire(import.meta.url);
const asyncApiSchema = require('@asyncapi/specs/schemas/3.0.0-without-$id.json') as JsonObject;

it.each([
  ['with types', catalogue],
  ['without types', nothing],
])('writes AsyncAPI that its official schema accepts: %s', (_what, each) => {
  const check = new Ajv({ schemaId: 'auto', unknownFormats: 'ignore', allErrors: true }).compile(asyncApiSchema);
  check(asyncApiOf(each));
  expect(check.errors).toBeNull();
});

it.each([
  ['with types', catalogue],
  ['without types', nothing],
])('writes OpenAPI in which the linter finds no mistake, and examples that fit: %s', async (_what, each) => {
  const rules = { struct: 'error', 'no-unresolved-refs': 'error', 'no-invalid-media-type-examples': 'error' } as const;
  const source = JSON.stringify(openApiOf(each));
  const problems = await lintFromString({ source, absoluteRef: 'openapi.json', config: await createConfig({ rules }) });
  expect(problems.map(({ ruleId, message }) => `${ruleId}: ${message}`)).toEqual([]);
});

function referencesIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(referencesIn);
  if (typeof value !== 'object' || value === null) return [];
  const own = '$ref' in value && typeof value.$ref === 'string' ? [value.$ref] : [];
  return [...own, ...Object.values(value).flatMap(referencesIn)];
}

it('writes AsyncAPI without references that lead nowhere', () => {
  const document = asyncApiOf(catalogue);
  const references = referencesIn(document).filter((each) => each.startsWith('#'));
  const lost = references.filter((each) => referredSchema(each, document) === undefined);
  expect(references).toContain('#/components/schemas/tree-1.Grown_2/$defs/size');
  expect(lost).toEqual([]);
});

it('leads references of a schema to where it stands in the document, and nothing else', () => {
  const { components } = openApiOf(catalogue) as { components: { schemas: Record<string, JsonObject> } };
  const { properties } = components.schemas['tree-1.Grown_2'] as { properties: Record<string, Json> };
  expect(properties.children).toEqual({
    type: 'array',
    items: { $ref: '#/components/schemas/tree-1.Grown_2' },
    maxItems: 3,
  });
  expect(properties.size).toEqual({ $ref: '#/components/schemas/tree-1.Grown_2/$defs/size' });
  expect(properties.$ref).toEqual({ type: 'string' });
  expect(properties.const).toEqual({ const: { $ref: 'no reference' } });
});

it('lists the members of a schema with what is known of them, and ends where it contains itself', () => {
  const rows = schemaRows(tree);
  expect(rows.slice(0, 3)).toEqual([
    { path: 'id', type: 'text (uuid)', required: true, rules: [], description: 'Of the | node.' },
    { path: 'children', type: 'list of object', required: false, rules: ['items: at most 3'], description: '' },
    { path: 'children[].id', type: 'text (uuid)', required: true, rules: [], description: 'Of the | node.' },
  ]);
  expect(rows.length).toBeLessThanOrEqual(300);
  const own = rows.filter(({ path }) => !path.includes('['));
  expect(own.map(({ path, type, rules }) => [path, type, ...rules].join(' '))).toEqual([
    'id text (uuid)',
    'children list of object items: at most 3',
    'size whole number at least 1',
    'kind anything one of "leaf", "branch"',
    '$ref text',
    'const anything always {"$ref":"no reference"}',
    'anything anything',
    'either text or null characters: at least 2',
  ]);
});

it('writes a page without scripts, and with what authors wrote as text', () => {
  const page = cataloguePage(catalogue);
  expect(page).not.toMatch(/<script|<img|<link|\son\w+=|src=|url\(/i);
  expect(page).toContain('<h1>&lt;script&gt;alert(1)&lt;/script&gt;</h1>');
  expect(page).toContain('<p>&quot;Second&quot; &amp; `third`.</p>');
  expect(page).toContain(
    `content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"`,
  );
  expect(page).toContain('<a href="mailto:ana@shop.example">Ana</a>');
  expect(page).toContain('<p class="deprecated">Deprecated: Use tree.grown.</p>');
  expect(page).toContain('at once, after 5 seconds, after 30 minutes, after 10 hours');
});

it('writes Markdown whose tables and fences hold whatever authors wrote', () => {
  const markdown = catalogueMarkdown(catalogue);
  expect(markdown).toContain('| `id` | text (uuid) | yes | Of the \\| node. |');
  expect(markdown).toContain('**Deprecated:** Use tree.grown.');
  expect(markdown).toContain('"type": "order.created",\n  "timestamp": "2026-11-28T09:30:00.000Z",\n  "data": {');
});

it('says so if no type is described', () => {
  expect(cataloguePage(nothing)).toContain('No event type is described.');
  expect(catalogueMarkdown(nothing)).toContain('No event type is described.');
});

it('shows a program that tells genuine webhooks from forged and old ones', async () => {
  const file = join(await temporaryFolder(), 'verify.mjs');
  await writeFile(file, verifySamples.find(({ language }) => language === 'Node.js, without a library')!.code);
  const { isGenuine } = (await import(pathToFileURL(file).href)) as {
    isGenuine: (body: string, headers: Record<string, string>, secret: string, nowSeconds: number) => boolean;
  };
  const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
  const body = '{"test": 2432232314}';
  const headers = signedHeaders({ id: 'msg_1', timestampSeconds: 1_614_265_330, body }, [
    'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD',
    secret,
  ]);
  expect(isGenuine(body, headers, secret, 1_614_265_400)).toBe(true);
  expect(isGenuine(`${body} `, headers, secret, 1_614_265_400)).toBe(false);
  expect(isGenuine(body, headers, secret, 1_614_266_000)).toBe(false);
});
