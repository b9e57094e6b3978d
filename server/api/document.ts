import { STATUS_CODES } from 'node:http';
import { z } from 'zod';
import {
  createDocument,
  type ZodOpenApiOperationObject,
  type ZodOpenApiOverride,
  type ZodOpenApiPathsObject,
  type ZodOpenApiResponsesObject,
} from 'zod-openapi';
import { basePath, namesRun, readsOneThing, type Route, statusOf } from './define-route.ts';
import { problemSchema } from './problem.ts';

/** The OpenAPI 3.1 document of these routes. */
export function apiDocument(routes: readonly Route[], version: string) {
  const paths: ZodOpenApiPathsObject = {};
  for (const route of routes) paths[route.path] = { ...paths[route.path], [route.method]: operationOf(route) };
  return createDocument(
    {
      openapi: '3.1.0',
      info: {
        title: 'Kait',
        version,
        license: { name: 'MIT', identifier: 'MIT' },
        description: 'Operates a running Kait. See docs/OPERATIONS.md, "The HTTP API".',
      },
      servers: [{ url: basePath }],
      security: [{ key: [] }],
      tags: [...new Set(routes.map(tagOf))].map((name) => ({ name })),
      paths,
      components: {
        securitySchemes: {
          key: {
            type: 'http',
            scheme: 'bearer',
            description: 'An API key: `kait keys add`, or the value of `KAIT_ADMIN_TOKEN`.',
          },
        },
      },
    },
    { override: forEveryReader, allowEmptySchema: { unknown: true } },
  );
}

function tagOf({ path }: Route): string {
  return path.split('/')[1]?.split('.')[0] ?? '';
}

function operationOf(route: Route): ZodOpenApiOperationObject {
  const { method, path, scope, summary, description, params, query, body } = route;
  const takesBody = body !== undefined;
  const orLink = route.tenant === true ? ', or a portal link' : '';
  return {
    operationId: operationIdOf(method, path),
    tags: [tagOf(route)],
    summary,
    description: [description, `Needs a key with the scope \`${scope}\`${orLink}.`].filter(Boolean).join(' '),
    requestParams: {
      ...(params !== undefined && { path: params }),
      ...(query !== undefined && { query }),
      ...headersOf(route),
    },
    ...(takesBody && {
      requestBody: {
        required: !body.safeParse({}).success,
        content: { 'application/json': { schema: body } },
      },
    }),
    responses: responsesOf(route),
  };
}

function headersOf(route: Route): { header?: z.ZodObject } {
  const header = z.object({
    ...(route.method === 'post' && route.keepsNothing !== true && idempotencyHeader),
    ...(route.ifMatch === true && ifMatchHeader),
    ...(readsOneThing(route) && ifNoneMatchHeader),
  });
  return Object.keys(header.shape).length === 0 ? {} : { header };
}

const ifMatchHeader = {
  'If-Match': z
    .string()
    .regex(/^(?:\*|(?:W\/)?"\d{1,9}(?:\.[\w-]{22})?")$/)
    .optional()
    .describe('The `ETag` of an earlier answer. If it has been changed since, the answer is 412 and nothing happens.'),
};

const ifNoneMatchHeader = {
  'If-None-Match': z
    .string()
    .regex(/^(?:\*|(?:W\/)?"[^"]*"(?:\s*,\s*(?:W\/)?"[^"]*")*)$/)
    .optional()
    .describe('The `ETag` of an earlier answer. While the answer is still the same, it is 304 without a body.'),
};

const etagHeader = z
  .string()
  .describe('The version of this answer, for `If-None-Match` and, if it can be changed, `If-Match`.');

const idempotencyHeader = {
  'Idempotency-Key': z
    .string()
    .regex(/^[\x21-\x7e]{1,200}$/)
    .optional()
    .describe(
      'Any text of the client that is new for each request, such as a UUID. A repetition within 24 hours gets the first answer, with `Idempotency-Replayed: true`.',
    ),
};

/** `get_runs_run` is `GET /runs/{run}`. */
function operationIdOf(method: string, path: string): string {
  return [method, ...path.split(/[^A-Za-z0-9]+/).filter((part) => part !== '')].join('_');
}

function responsesOf(route: Route): ZodOpenApiResponsesObject {
  const { answer, contentType = 'application/json' } = route;
  const status = statusOf(route);
  const success = {
    description: STATUS_CODES[status] ?? '',
    ...((readsOneThing(route) || route.hasVersion === true) && { headers: z.object({ ETag: etagHeader }) }),
    ...(answer !== null && { content: { [contentType]: { schema: answer } } }),
  };
  const problem = (code: number) => ({
    description: STATUS_CODES[code] ?? '',
    content: { 'application/problem+json': { schema: problemSchema } },
  });
  return Object.fromEntries([
    [String(status), success],
    ...(readsOneThing(route) ? [['304', { description: STATUS_CODES[304] ?? '' }] as const] : []),
    ...problemStatusesOf(route).map((code) => [String(code), problem(code)]),
  ]) as ZodOpenApiResponsesObject;
}

/** What every route may answer, what those of its kind may, and what it says itself. */
function problemStatusesOf(route: Route): number[] {
  const { method, params, problems = [] } = route;
  const sends = method === 'post' || method === 'put' || method === 'patch';
  const statuses = [
    ...[400, 401, 403, 421, 429, 500, 503],
    ...(params === undefined ? [] : [404]),
    ...(sends ? [413, 415] : []),
    ...(method === 'post' && route.keepsNothing !== true ? [409, 422] : []), // Because of the idempotency key.
    ...(namesRun(route) ? [409] : []),
    ...(route.ifMatch === true ? [412] : []),
    ...problems,
  ];
  return [...new Set(statuses)].sort((one, other) => one - other);
}

/**
 * What readers in other languages understand. They know no classes of characters in regular expressions, and an answer may have more fields in a
 * later version.
 */
const forEveryReader: ZodOpenApiOverride = ({ jsonSchema, io }) => {
  if (io === 'output' && jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
  if (typeof jsonSchema.pattern !== 'string') return;
  const pattern = jsonSchema.pattern
    .replaceAll(String.raw`\p{Cc}`, String.raw`\u0000-\u001f\u007f-\u009f`)
    .replaceAll(String.raw`\p{Cs}`, ''); // Texts are well-formed there.
  if (pattern.includes(String.raw`\p{`)) delete jsonSchema.pattern;
  else jsonSchema.pattern = pattern;
};
