import { wellFormed } from '../../language/well-formed.ts';

/** The texts of the files of a definitions folder by their paths in it: `workflows/paid.json`. */
export type SetFiles = Record<string, string>;

/** What one set may hold. Far more than anybody has written by hand; every process reads all of it. */
const setLimits = { files: 2_000, bytes: 4 * 2 ** 20 };

const wholeFiles = /^(?:sources|secrets|settings|people|event-types)\.json$/;
/** A file of one of the folders. Hidden files are no part of a set, only workflows have tests, and no name leads out of its folder. */
const partFile =
  /^(?:workflows\/|(?:gateways|mails|event-types)\/(?!.*\.test\.json$))(?!\.)[^/\\\p{Cc}]{1,200}\.json$/u;

/** Whether a process that serves a definitions folder reads the file with this path in it, or the console shows it. */
export function isPartOfSet(path: string): boolean {
  return wholeFiles.test(path) || partFile.test(path);
}

/**
 * What keeps these files from being a set at all, whatever their texts say. A set may have come from anybody with the token, and is written
 * to the disks of all servers and workers.
 */
export function setProblems(files: Readonly<Record<string, string>>): string[] {
  const entries = Object.entries(files);
  if (entries.length > setLimits.files)
    return [`It has ${entries.length} files. At most ${setLimits.files} are allowed.`];
  const bytes = entries.reduce((sum, [path, text]) => sum + Buffer.byteLength(path) + Buffer.byteLength(text), 0);
  if (bytes > setLimits.bytes) return [`It has ${bytes} bytes. At most ${setLimits.bytes} are allowed.`];
  return [...foreignPaths(entries), ...twins(entries), ...unwritable(entries)];
}

type Entries = [path: string, text: string][];

function foreignPaths(entries: Entries): string[] {
  const foreign = entries.map(([path]) => path).filter((path) => !isPartOfSet(path) || wellFormed(path) !== path);
  if (foreign.length === 0) return [];
  const shown = foreign
    .slice(0, 5)
    .map((path) => JSON.stringify(path.slice(0, 200)))
    .join(', ');
  const more = foreign.length > 5 ? ` and ${foreign.length - 5} more` : '';
  return [
    `A set has sources.json, secrets.json, settings.json, people.json, event-types.json and the *.json of workflows, gateways, mails and event-types. No part of it: ${shown}${more}.`,
  ];
}

/** Some file systems take them for the same file. */
function twins(entries: Entries): string[] {
  const seen = new Map<string, string>();
  return entries.flatMap(([path]) => {
    const key = path.normalize('NFC').toLowerCase();
    const other = seen.get(key);
    seen.set(key, path);
    return other === undefined
      ? []
      : [`${other} and ${path} differ in case only, so not every computer can hold both.`];
  });
}

/** PostgreSQL stores no NUL, and half a character has no bytes. */
function unwritable(entries: Entries): string[] {
  return entries
    .filter(([, text]) => text.includes('\0') || wellFormed(text) !== text)
    .map(([path]) => `${path} is no text: it has a NUL or half a character.`);
}
