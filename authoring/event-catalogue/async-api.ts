import type { EventType } from '../../language/event-types.ts';
import type { JsonObject } from '../../language/json.ts';
import { bodySchema, type Catalogue, exampleBody, requestHeaders, schemaAt } from './catalogue.ts';
import { infoOf } from './info.ts';

const alwaysSent = requestHeaders.filter(({ always }) => always);

/** The webhooks of a project as an AsyncAPI 3 document: Kait sends, receivers receive. */
export function asyncApiOf({ types }: Catalogue): JsonObject {
  const names = [...types.byName.keys()];
  return {
    asyncapi: '3.0.0',
    info: infoOf(types.about),
    defaultContentType: 'application/json',
    channels: {
      webhooks: {
        title: 'Your endpoint',
        description: 'The URL that you gave us. It gets one POST request for each message.',
        messages: Object.fromEntries(names.map((type) => [type, { $ref: `#/components/messages/${type}` }])),
      },
    },
    operations: {
      sendWebhook: {
        action: 'send',
        channel: { $ref: '#/channels/webhooks' },
        summary: 'Tell you what has happened',
        messages: names.map((type) => ({ $ref: `#/channels/webhooks/messages/${type}` })),
      },
    },
    components: {
      messages: Object.fromEntries([...types.byName].map(([type, each]) => [type, messageOf(type, each)])),
      schemas: {
        ...Object.fromEntries(
          [...types.byName].map(([type, each]) => [type, schemaAt(`#/components/schemas/${type}`, each)]),
        ),
        [headersName]: headersSchema,
      },
    },
  };
}

/** No type has a blank in its name. */
const headersName = 'webhook_headers';

const headersSchema: JsonObject = {
  type: 'object',
  properties: Object.fromEntries(
    requestHeaders.map(({ name, description, example }) => [
      name,
      { type: 'string', description, examples: [example] },
    ]),
  ),
  required: alwaysSent.map(({ name }) => name),
};

function messageOf(type: string, each: EventType): JsonObject {
  const { description, deprecated } = each;
  const text = [description, deprecated === undefined ? undefined : `Deprecated: ${deprecated}`];
  const told = text.filter((part) => part !== undefined).join('\n\n');
  return {
    name: type,
    title: type,
    ...(told !== '' && { description: told }),
    contentType: 'application/json',
    headers: { $ref: `#/components/schemas/${headersName}` },
    payload: bodySchema(type, { $ref: `#/components/schemas/${type}` }),
    examples: [
      {
        name: 'example',
        headers: Object.fromEntries(alwaysSent.map(({ name, example }) => [name, example])),
        payload: exampleBody(type, each),
      },
    ],
  };
}
