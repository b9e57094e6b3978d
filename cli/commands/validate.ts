import { basename, dirname, join } from 'node:path';
import pc from 'picocolors';
import { catalogue } from '../../activities/catalogue.ts';
import { KaitError } from '../../errors.ts';
import type { Finding } from '../../language/finding.ts';
import { formatFindings, type Paint } from '../../language/format-findings.ts';
import { checkFile, checkFolder, loadDefinitions, type CheckedFile } from '../../server/load-definitions.ts';
import { isFolder } from '../definition-files.ts';

/** What `kait validate --json` writes: for editors and CI. */
export interface ValidationReport {
  /** Whether the files may be served. */
  ok: boolean;
  files: {
    file: string;
    /** Null, as the hash is, where a finding is an error. */
    name: string | null;
    /** SHA-256 (hex) of the canonical JSON; what runs are pinned to. */
    hash: string | null;
    findings: Finding[];
  }[];
  /** What keeps sound definitions of one folder from being served together. */
  conflicts: string[];
}

/**
 * `kait validate`: checks definitions, each against those of its folder that it runs, and a folder's also as the server would
 * load them. Resolves to the exit code: 1 where something is wrong, or where there is nothing to check. Throws KAIT_USAGE on a
 * path where there is nothing.
 */
export async function validate(
  options: { paths: string[]; json: boolean; definitions: string },
  write: (line: string) => void,
): Promise<number> {
  const paths = options.paths.length === 0 ? [join(options.definitions, 'workflows')] : options.paths;
  const checked = await Promise.all(paths.map(checkPath));
  const files = checked.flatMap((each) => each.files);
  const conflicts = checked.flatMap(({ conflict }) => conflict ?? []);
  const ok = files.length > 0 && conflicts.length === 0 && files.every(({ loaded }) => loaded !== null);
  if (options.json) write(JSON.stringify(reportOf(files, conflicts, ok), null, 2));
  else writeText(files, conflicts, paths, write);
  return ok ? 0 : 1;
}

interface CheckedPath {
  files: CheckedFile[];
  conflict: string | null;
}

async function checkPath(path: string): Promise<CheckedPath> {
  if (!(await isFolder(path))) return { files: [await checkInFolder(path)], conflict: null };
  const files = await checkFolder(path, catalogue);
  const isSound = files.every(({ loaded }) => loaded !== null);
  return { files, conflict: isSound ? await conflictIn(path) : null };
}

/** A file by another name than those of definitions is checked by itself. */
async function checkInFolder(file: string): Promise<CheckedFile> {
  const beside = await checkFolder(dirname(file), catalogue);
  const own = beside.find((each) => basename(each.file) === basename(file));
  return own === undefined ? checkFile(file, catalogue) : { ...own, file };
}

/** Two of one name, or some that run each other without end. */
async function conflictIn(folder: string): Promise<string | null> {
  try {
    await loadDefinitions(folder, catalogue);
    return null;
  } catch (error) {
    if (error instanceof KaitError && error.code === 'KAIT_DEFINITIONS_INVALID') return error.message;
    throw error;
  }
}

function reportOf(files: CheckedFile[], conflicts: string[], ok: boolean): ValidationReport {
  const checked = files.map(({ file, findings, loaded }) => {
    return { file, name: loaded?.definition.name ?? null, hash: loaded?.hash ?? null, findings };
  });
  return { ok, files: checked, conflicts };
}

function writeText(files: CheckedFile[], conflicts: string[], paths: string[], write: (line: string) => void): void {
  for (const file of files) {
    if (file.findings.length > 0) write(`${formatFindings({ ...file, paint })}\n`);
    else write(`${pc.green('✔')} ${file.file}`);
  }
  for (const conflict of conflicts) write(`${pc.red('KAIT_DEFINITIONS_INVALID')}: ${conflict}\n`);
  write(summaryOf(files, paths));
}

function summaryOf(files: CheckedFile[], paths: string[]): string {
  if (files.length === 0) {
    return `No definitions in ${paths.join(', ')}. A definition is a .json file there: write one as docs/GUIDE.md shows, or copy one of definitions/examples.`;
  }
  const faulty = files.filter(({ loaded }) => loaded === null).length;
  return faulty === 0
    ? `${files.length} definitions are fine.`
    : `${faulty} of ${files.length} definitions have mistakes.`;
}

const paint: Paint = (part, text) => ({ error: pc.red, warning: pc.yellow, hint: pc.cyan, frame: pc.dim })[part](text);
