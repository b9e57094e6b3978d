import { createConfig, lintFromString } from '@redocly/openapi-core';
import { expect, it } from 'vitest';
import { describeApi } from '../../../server/api/describe-api.ts';

const rules = {
  struct: 'error',
  'spec-strict-refs': 'error',
  'no-unresolved-refs': 'error',
  'no-unused-components': 'error',
  'no-ambiguous-paths': 'error',
  'no-identical-paths': 'error',
  'no-path-trailing-slash': 'error',
  'path-parameters-defined': 'error',
  'operation-operationId': 'error',
  'operation-operationId-unique': 'error',
  'operation-operationId-url-safe': 'error',
  'operation-parameters-unique': 'error',
  'operation-summary': 'error',
  'operation-2xx-response': 'error',
  'operation-4xx-response': 'error',
  'operation-4xx-problem-details-rfc7807': 'error',
  'operation-singular-tag': 'error',
  'operation-tag-defined': 'error',
  'security-defined': 'error',
  'no-invalid-schema-examples': 'error',
  'no-invalid-media-type-examples': 'error',
  'no-invalid-parameter-examples': 'error',
  'no-schema-type-mismatch': 'error',
  'no-enum-type-mismatch': 'error',
  'info-license': 'error',
} as const;

it('is OpenAPI 3.1 in which the linter finds no mistake', async () => {
  const source = JSON.stringify(describeApi('1.2.3'));
  const problems = await lintFromString({ source, absoluteRef: 'openapi.json', config: await createConfig({ rules }) });
  const found = problems.map(({ ruleId, message, location }) => `${ruleId}: ${message} ${location[0]?.pointer ?? ''}`);
  expect(found).toEqual([]);
}, 30_000);

it('has a linter that finds a mistake', async () => {
  const document = JSON.parse(JSON.stringify(describeApi('1.2.3'))) as { paths: Record<string, unknown> };
  document.paths['/runs/{run}'] = { get: { responses: { '200': { $ref: '#/components/schemas/None' } } } };
  const source = JSON.stringify(document);
  const problems = await lintFromString({ source, absoluteRef: 'openapi.json', config: await createConfig({ rules }) });
  expect(problems.map(({ ruleId }) => ruleId)).toContain('no-unresolved-refs');
}, 30_000);
