import { basename } from 'node:path';
import type { JsonFile } from '../json-files.ts';
import type { ActivityTypes } from '../language/check.ts';
import type { Definition } from '../language/definition.ts';
import { formatFindings } from '../language/finding.ts';
import { awaitedTypes, type AwaitedFile } from './awaited-events.ts';
import { type Beside, checkText, conflictsOf, withChildren, type LoadedDefinition } from './load-definitions.ts';

/** What this process serves of a folder in which some files may have mistakes. */
export interface ServedDefinitions {
  /** The sound ones, and the last good versions of those that are not. */
  definitions: LoadedDefinition[];
  /** Every file with a mistake. */
  faulty: FaultyDefinition[];
  /** Those without a last good version. Events that may be for them wait. */
  awaited: AwaitedFile[];
  /** The files whose present text is served, and the hash of what they hold. */
  current: { file: string; hash: string }[];
  /** All files of the folder. Null if it could not be read. */
  files: string[] | null;
}

export interface FaultyDefinition {
  /** Its name in the folder: `shop.json`. Empty for the folder itself. */
  file: string;
  /** As `kait validate` prints it. */
  problem: string;
  /** The hash of the version that is served in its place; of several for the folder. Empty: none is known, and events wait. */
  lastGood: string[];
}

/** The version of a file that was served last. */
export interface LastGood {
  file: string;
  hash: string;
  definition: Definition;
}

interface Options extends Beside {
  activities: ActivityTypes;
}

/**
 * As {@link chooseDefinitions}, for a folder that may not be readable. Then all that was served before is served on. A folder that has
 * become empty is a mistake too: nothing of it runs, and events wait. `problem` says why the folder cannot be read.
 */
export function chooseFromFolder(
  folder: { files: readonly JsonFile[] } | { problem: string },
  lastGood: readonly LastGood[],
  options: Options,
): ServedDefinitions {
  if ('files' in folder && (folder.files.length > 0 || lastGood.length === 0)) {
    return chooseDefinitions(folder.files, lastGood, options);
  }
  const before = lastGood.map(({ file }) => file).join(', ');
  const problem =
    'problem' in folder ? folder.problem : `The folder has no definitions any more. Before, it had ${before}.`;
  const files = 'problem' in folder ? lastGood.map(({ file }) => ({ file, text: '', problem })) : [];
  const { definitions, awaited } = chooseDefinitions(files, lastGood, options);
  const whole: AwaitedFile[] = definitions.length === 0 ? [{ file: 'workflows', types: null }] : [];
  const fault = { file: '', problem, lastGood: definitions.map(({ hash }) => hash) };
  return { definitions, faulty: [fault], awaited: [...awaited, ...whole], current: [], files: null };
}

/** A file, and the version of it that may be served. */
interface Candidate {
  file: JsonFile;
  name: string;
  version: Omit<LoadedDefinition, 'children'> | null;
  /** What is wrong with the file's present text. Empty: that text is the version. */
  problems: string[];
}

/**
 * Chooses what to serve. A file with a mistake keeps its last good version. If that cannot be served either, the file has none, and
 * events wait for it. A mistake may lie between files: two of one name, a circle, or a step that runs a definition which is not
 * served. Then each of them falls back, until the rest can be served together.
 */
function chooseDefinitions(
  files: readonly JsonFile[],
  lastGood: readonly LastGood[],
  options: Options,
): ServedDefinitions {
  let candidates = files.map((file) => candidateOf(file, lastGood, options));
  for (let problems = problemsOf(candidates, options); problems.size > 0; problems = problemsOf(candidates, options)) {
    const found = problems;
    candidates = candidates.map((each) => fallBack(each, found.get(each.name), lastGood, options));
  }
  const served = candidates.flatMap(({ version }) => version ?? []);
  return {
    definitions: withChildren(served, options.settings),
    faulty: candidates.flatMap(({ name, version, problems }) =>
      problems.length === 0
        ? []
        : [{ file: name, problem: problems.join('\n\n'), lastGood: version === null ? [] : [version.hash] }],
    ),
    awaited: candidates.flatMap(({ file, name, version }) => {
      if (version !== null) return [];
      return [{ file: `workflows/${name}`, types: awaitedTypes(checkText(file, { activities: options.activities })) }];
    }),
    current: candidates.flatMap(({ name, version, problems }) =>
      version !== null && problems.length === 0 ? [{ file: name, hash: version.hash }] : [],
    ),
    files: candidates.map(({ name }) => name),
  };
}

function candidateOf(file: JsonFile, lastGood: readonly LastGood[], options: Options): Candidate {
  const name = basename(file.file);
  const checked = checkText(file, { activities: options.activities });
  if (checked.loaded !== null) return { file, name, version: checked.loaded, problems: [] };
  return { file, name, version: versionOf(file, lastGood, options), problems: [formatFindings(checked)] };
}

/** Null if none is known, or if this version of Kait finds mistakes in it. */
function versionOf(file: JsonFile, lastGood: readonly LastGood[], options: Options): Candidate['version'] {
  const known = lastGood.find((each) => each.file === basename(file.file));
  if (known === undefined) return null;
  const text = JSON.stringify(known.definition);
  const { loaded } = checkText({ file: file.file, text, problem: null }, { activities: options.activities });
  return loaded?.hash === known.hash ? loaded : null;
}

/** What keeps the candidates from being served together, by the files' names. */
function problemsOf(candidates: readonly Candidate[], { mailTemplates, ...beside }: Options): Map<string, string> {
  const versions = candidates.flatMap(({ version }) => version ?? []);
  const definitions = Object.fromEntries(versions.map(({ definition }) => [definition.name, definition]));
  const problems = new Map<string, string>();
  for (const { name, file, version, problems: own } of candidates) {
    if (version === null) continue;
    const source = own.length === 0 ? file : { ...file, text: JSON.stringify(version.definition), problem: null };
    const checked = checkText(source, { definitions, ...beside }, mailTemplates);
    if (checked.loaded === null) problems.set(name, formatFindings(checked));
  }
  for (const { files, message } of conflictsOf(versions)) {
    for (const file of files) if (!problems.has(basename(file))) problems.set(basename(file), message);
  }
  return problems;
}

/** From the present text to the last good version, and from there to nothing. What is wrong with the latter is no news. */
function fallBack(
  candidate: Candidate,
  problem: string | undefined,
  lastGood: readonly LastGood[],
  options: Options,
): Candidate {
  if (problem === undefined) return candidate;
  if (candidate.problems.length > 0) return { ...candidate, version: null };
  return { ...candidate, version: versionOf(candidate.file, lastGood, options), problems: [problem] };
}
