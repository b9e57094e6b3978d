import { z } from 'zod';
import { asyncApiOf } from '../../../authoring/event-catalogue/async-api.ts';
import { openApiOf } from '../../../authoring/event-catalogue/open-api.ts';
import { readEventType } from '../../../language/check/event-type-file.ts';
import type { EventTypes } from '../../../language/event-types.ts';
import { emittable, ownEventTypes } from '../../../language/own-event-types.ts';
import { packagePath } from '../../../package-path.ts';
import { readSet } from '../../publish/published-sets.ts';
import { readEventTypes } from '../../read-event-types.ts';
import type { ApiDeps } from '../api-deps.ts';
import { addRoute, type Api } from '../define-route.ts';
import * as fields from '../fields.ts';
import { notFound, notForTenants } from '../problem.ts';

const eventType = z
  .object({
    type: z.string(),
    description: z.string().nullable(),
    deprecated: z.string().nullable().describe('What receivers should use instead. Null: it is not deprecated.'),
    schema: z.unknown().describe('JSON Schema of the data.'),
    example: z.unknown().describe('Data of such an event.'),
  })
  .meta({ id: 'EventType' });

/** What the two documents are is said by their own standards. */
const document = z.record(z.string(), z.unknown());

export function addEventTypeRoutes(api: Api, deps: Pick<ApiDeps, 'database' | 'eventCatalogue'>): void {
  addRoute(api, {
    method: 'get',
    path: '/event-types',
    scope: 'read',
    tenant: true,
    summary: 'The types of outbound webhooks that are described, by name',
    query: z.strictObject({
      set: fields.optional(fields.rowNumberInQuery),
    }),
    description: 'With `set`, those of a published set instead of those that are served.',
    answer: z.object({ items: z.array(eventType), next: fields.nextCursor }),
    problems: [404],
    handle: async ({ query: { set }, caller }) => {
      if (set !== undefined && caller.tenant !== null) throw notForTenants('A portal link sees only what is served.');
      const byName = set === undefined ? deps.eventCatalogue().types.byName : await typesOfSet(deps.database, set);
      const items = [...byName].map(([type, { description = null, deprecated = null, published: schema, example }]) => {
        return { type, description, deprecated, schema, example };
      });
      return { items, next: null };
    },
  });
  addRoute(api, {
    method: 'get',
    path: '/event-types/asyncapi.json',
    scope: 'read',
    tenant: true,
    summary: 'The outbound webhooks as an AsyncAPI 3 document, for receivers',
    answer: document,
    handle: () => asyncApiOf(deps.eventCatalogue()),
  });
  addRoute(api, {
    method: 'get',
    path: '/event-types/openapi.json',
    scope: 'read',
    tenant: true,
    summary: 'The outbound webhooks as an OpenAPI 3.1 document, for receivers',
    answer: document,
    handle: () => openApiOf(deps.eventCatalogue()),
  });
}

/** With those that come with Kait today. None has a mistake: a set is checked before it is recorded. */
async function typesOfSet(database: ApiDeps['database'], id: number): Promise<EventTypes['byName']> {
  const set = await readSet(database, id);
  if (set === null) throw notFound(`There is no published set ${id}.`);
  const files = Object.entries(set.files).filter(([path]) => path.startsWith('event-types/'));
  const { eventTypes } = await readEventTypes(packagePath('definitions'));
  const own = new Map(
    files.flatMap(([file, text]) => {
      const type = file.slice('event-types/'.length, -'.json'.length);
      const { eventType: read } = readEventType({ file, text }, type);
      return read === null ? [] : [[type, read] as const];
    }),
  );
  return new Map([...emittable(eventTypes), ...own, ...ownEventTypes()]);
}
