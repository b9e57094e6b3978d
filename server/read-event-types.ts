import { layeredFiles, layersOf } from '../definition-layers.ts';
import { jsonNameOf, readJsonFile, type JsonFile } from '../json-files.ts';
import { readEventCatalogue } from '../language/check/event-catalogue-file.ts';
import { readEventType } from '../language/check/event-type-file.ts';
import { defaultCatalogue, type EventCatalogue, type EventType, type EventTypes } from '../language/event-types.ts';
import { ownEventTypes } from '../language/own-event-types.ts';
import { type Finding, formatFindings } from '../language/finding.ts';

/** Beside the folder of the same name. */
const eventCatalogueName = 'event-types.json';

/**
 * The event types of a definitions folder, of the package, and of Kait itself. One of the project takes the place of the package's. `faulty` says what is
 * wrong with the others, by their names; what emits them is not checked.
 */
export async function readEventTypes(
  definitions: string,
): Promise<{ eventTypes: EventTypes; faulty: ReadonlyMap<string, string> }> {
  const byName = new Map<string, EventType>();
  const faulty = new Map<string, string>();
  for (const [name, [path]] of await layeredFiles(layersOf(definitions, 'event-types'), jsonNameOf)) {
    const read = readJsonFile(path);
    const { eventType, findings } = readEventType(read, name);
    if (eventType !== null && read.problem === null) byName.set(name, eventType);
    else faulty.set(name, problemOf(read, findings));
  }
  for (const [name, eventType] of ownEventTypes()) byName.set(name, eventType);
  const eventTypes = { byName, faulty: new Set(faulty.keys()) };
  const { about, problem } = await readAbout(definitions);
  if (problem !== null) faulty.set(eventCatalogueName, problem);
  return { eventTypes: { ...eventTypes, about }, faulty };
}

async function readAbout(definitions: string): Promise<{ about: EventCatalogue; problem: string | null }> {
  const nameOf = (entry: string) => (entry === eventCatalogueName ? entry : null);
  const files = await layeredFiles([definitions], nameOf);
  const [path] = files.get(eventCatalogueName) ?? [];
  if (path === undefined) return { about: defaultCatalogue, problem: null };
  const read = readJsonFile(path);
  const { about, findings } = readEventCatalogue(read);
  if (about !== null && read.problem === null) return { about, problem: null };
  return { about: defaultCatalogue, problem: problemOf(read, findings) };
}

function problemOf({ file, text, problem }: JsonFile, findings: Finding[]): string {
  return problem === null ? formatFindings({ file, text, findings }) : `${file}: ${problem}`;
}
