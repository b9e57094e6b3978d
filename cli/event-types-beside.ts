import { basename, dirname } from 'node:path';
import { noEventTypes, type EventTypes } from '../language/event-types.ts';
import { readEventTypes } from '../server/read-event-types.ts';

/** The folders of a definitions folder that hold definitions. */
const definitionFolders = ['workflows', 'examples'];

/**
 * The event types that the definitions in `folder` may emit, without those that have a mistake. `definitions` is the folder that counts for
 * definitions outside of one.
 */
export async function eventTypesBeside(folder: string, definitions?: string): Promise<EventTypes> {
  const home = definitionFolders.includes(basename(folder)) ? dirname(folder) : definitions;
  return home === undefined ? noEventTypes : (await readEventTypes(home)).eventTypes;
}
