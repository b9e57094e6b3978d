import { layeredFiles } from '../definition-layers.ts';
import { jsonNameOf, readJsonFile } from '../json-files.ts';
import { readEventType } from '../language/check/event-type-file.ts';
import type { EventType, EventTypes } from '../language/event-types.ts';
import { formatFindings } from '../language/finding.ts';

/**
 * The event types of the folders: see `layersOf`. One of an earlier folder takes the place of one of a later folder. `faulty` says what is
 * wrong with the others, by their names; what emits them is not checked.
 */
export async function readEventTypes(
  folders: readonly string[],
): Promise<{ eventTypes: EventTypes; faulty: ReadonlyMap<string, string> }> {
  const eventTypes = new Map<string, EventType>();
  const faulty = new Map<string, string>();
  for (const [name, [path]] of await layeredFiles(folders, jsonNameOf)) {
    const { file, text, problem } = readJsonFile(path);
    const { eventType, findings } = readEventType({ file, text }, name);
    if (eventType !== null && problem === null) eventTypes.set(name, eventType);
    else faulty.set(name, problem === null ? formatFindings({ file, text, findings }) : `${file}: ${problem}`);
  }
  return { eventTypes, faulty };
}
