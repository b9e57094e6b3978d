import type { EventType } from '../../language/event-types.ts';
import type { JsonObject } from '../../language/json.ts';
import { answers, bodySchema, type Catalogue, exampleBody, requestHeaders, schemaAt } from './catalogue.ts';
import { infoOf } from './info.ts';

/** The webhooks of a project as an OpenAPI 3.1 document, whose `webhooks` receivers implement. */
export function openApiOf({ types }: Catalogue): JsonObject {
  const described = [...types.byName];
  return {
    openapi: '3.1.0',
    info: infoOf(types.about),
    webhooks: Object.fromEntries(described.map(([type, each]) => [type, { post: operationOf(type, each) }])),
    components: {
      schemas: Object.fromEntries(
        described.map(([type, each]) => [type, schemaAt(`#/components/schemas/${type}`, each)]),
      ),
    },
  };
}

function operationOf(type: string, each: EventType): JsonObject {
  const { description, deprecated } = each;
  return {
    operationId: type,
    summary: type,
    ...(description !== undefined && { description }),
    ...(deprecated !== undefined && {
      deprecated: true,
      description: `${description === undefined ? '' : `${description}\n\n`}Deprecated: ${deprecated}`,
    }),
    parameters: requestHeaders.map(({ name, always, description, example }) => {
      return { name, in: 'header', required: always, description, schema: { type: 'string' }, example };
    }),
    requestBody: {
      required: true,
      content: {
        'application/json': {
          schema: bodySchema(type, { $ref: `#/components/schemas/${type}` }),
          example: exampleBody(type, each),
        },
      },
    },
    responses: Object.fromEntries(answers.map(({ status, description }) => [status, { description }])),
  };
}
