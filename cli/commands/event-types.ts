import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { asyncApiOf } from '../../authoring/event-catalogue/async-api.ts';
import type { Catalogue } from '../../authoring/event-catalogue/catalogue.ts';
import { openApiOf } from '../../authoring/event-catalogue/open-api.ts';
import { catalogueMarkdown, typeMarkdown } from '../../authoring/event-catalogue/markdown.ts';
import { cataloguePage } from '../../authoring/event-catalogue/page.ts';
import { KaitError } from '../../errors.ts';
import { closest } from '../../language/closest.ts';
import { diffEventTypes, formatEventTypeDiff } from '../../language/diff-event-types.ts';
import type { EventTypes } from '../../language/event-types.ts';
import { readEventTypes } from '../../server/read-event-types.ts';
import type { ApiClient } from '../api-client.ts';
import { eventTypesFrom } from '../event-types-from.ts';
import { table } from '../terminal.ts';

/** `kait event-types`: lists the types of outbound webhooks that the definitions folder describes. */
export async function listEventTypes(definitions: string, { json = false }: { json?: boolean }): Promise<string> {
  const { byName } = await soundTypes(definitions);
  const rows = [...byName].map(([type, { description = null, deprecated = null }]) => ({
    type,
    description,
    deprecated,
  }));
  if (json) return JSON.stringify(rows, null, 2);
  if (rows.length === 0) return 'No event type is described. See docs/GUIDE.md, "Your own event types".';
  const cells = rows.map(({ type, description, deprecated }) => [
    type,
    deprecated === null ? (description ?? '') : `deprecated: ${deprecated}`,
  ]);
  return table(['type', 'description'], cells);
}

/** `kait event-types show`: one type, as receivers see it. Throws KAIT_USAGE if there is none of that name. */
export async function showEventType(
  definitions: string,
  type: string,
  { json = false }: { json?: boolean },
): Promise<string> {
  const types = await soundTypes(definitions);
  const found = types.byName.get(type);
  if (found === undefined) {
    const names = [...types.byName.keys()];
    const near = closest(type, names);
    const hint = near === undefined ? `These are: ${names.join(', ')}.` : `Did you mean "${near}"?`;
    throw new KaitError('KAIT_USAGE', `No event type "${type}" is described. ${hint}`);
  }
  const { description = null, deprecated = null, published, example } = found;
  if (json) return JSON.stringify({ type, description, deprecated, schema: published, example }, null, 2);
  return typeMarkdown(type, found);
}

/** `kait event-types docs`: writes what receivers need to know, for people and for programs. Resolves to what was written. */
export async function writeEventDocs(
  definitions: string,
  { out, scheduleMs }: { out: string; scheduleMs: number[] },
): Promise<string> {
  const catalogue: Catalogue = { types: await soundTypes(definitions), scheduleMs };
  const files = {
    'index.html': cataloguePage(catalogue),
    'webhooks.md': catalogueMarkdown(catalogue),
    'asyncapi.json': `${JSON.stringify(asyncApiOf(catalogue), null, 2)}\n`,
    'openapi.json': `${JSON.stringify(openApiOf(catalogue), null, 2)}\n`,
  };
  await mkdir(out, { recursive: true });
  await Promise.all(Object.entries(files).map(([name, text]) => writeFile(join(out, name), text)));
  return `Wrote ${Object.keys(files).join(', ')} to ${out}.`;
}

/**
 * `kait event-types diff`: what changes for receivers. Resolves to the exit code: 0 if nothing breaks them, 1 if something does.
 */
export async function diffTypes(
  { before, after, json = false }: { before: string; after: string; json?: boolean },
  deps: { definitions: string; api: () => Promise<ApiClient> },
  write: (text: string) => void,
): Promise<number> {
  const changes = diffEventTypes(await eventTypesFrom(before, deps), await eventTypesFrom(after, deps));
  const compatible = changes.every(({ breaking }) => !breaking);
  write(json ? JSON.stringify({ compatible, changes }, null, 2) : formatEventTypeDiff(changes));
  return compatible ? 0 : 1;
}

async function soundTypes(definitions: string): Promise<EventTypes> {
  const { eventTypes, faulty } = await readEventTypes(definitions);
  if (faulty.size > 0) throw new KaitError('KAIT_DEFINITIONS_INVALID', [...faulty.values()].join('\n\n'));
  return eventTypes;
}
