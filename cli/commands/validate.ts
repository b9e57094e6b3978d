import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import pc from 'picocolors';
import { catalogue } from '../../activities/catalogue.ts';
import { KaitError } from '../../errors.ts';
import { type Finding, formatFindings, type Paint } from '../../language/finding.ts';
import { checkFile, checkFolder, loadDefinitions, type CheckedFile } from '../../server/load-definitions.ts';
import { checkGatewayFiles, isGatewayPath, type CheckedGatewayFile } from '../check-gateway-files.ts';
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
  /** Presets and sources. */
  gateways: CheckedGatewayFile[];
}

/**
 * `kait validate`: checks definitions, each against those of its folder that it runs, and a folder's also as the server would
 * load them; gateways' presets and sources as well. Without paths, everything that the server would load. Resolves to the exit code: 1 where something is wrong, or where there is nothing to check. Throws KAIT_USAGE on a
 * path where there is nothing.
 */
export async function validate(
  options: { paths: string[]; json: boolean; definitions: string },
  write: (line: string) => void,
): Promise<number> {
  const all = options.paths.length === 0 ? everythingIn(options.definitions) : options.paths;
  const paths = all.filter((path) => !isGatewayPath(path));
  const gateways = (await Promise.all(all.filter(isGatewayPath).map(checkGatewayFiles))).flat();
  const checked = await Promise.all(paths.map(checkPath));
  const files = checked.flatMap((each) => each.files);
  const conflicts = checked.flatMap(({ conflict }) => conflict ?? []);
  const sound = files.every(({ loaded }) => loaded !== null) && gateways.every(({ mistakes }) => mistakes.length === 0);
  const ok = files.length + gateways.length > 0 && conflicts.length === 0 && sound;
  if (options.json) write(JSON.stringify({ ok, files: files.map(reportOf), conflicts, gateways }, null, 2));
  else {
    writeGateways(gateways, write);
    if (paths.length > 0) writeText(files, conflicts, paths, write);
  }
  return ok ? 0 : 1;
}

function everythingIn(definitions: string): string[] {
  return [join(definitions, 'gateways'), join(definitions, 'sources.json'), join(definitions, 'workflows')].filter(
    (path) => existsSync(path) || basename(path) === 'workflows',
  );
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

function reportOf({ file, findings, loaded }: CheckedFile): ValidationReport['files'][number] {
  return { file, name: loaded?.definition.name ?? null, hash: loaded?.hash ?? null, findings };
}

function writeGateways(files: CheckedGatewayFile[], write: (line: string) => void): void {
  const faulty = files.filter(({ mistakes }) => mistakes.length > 0);
  for (const { file, line, column, message } of faulty.flatMap(({ mistakes }) => mistakes)) {
    write(`${file}:${line}:${column} ${pc.red('error')} ${message}`);
  }
  if (faulty.length > 0) write(`${faulty.length} of ${files.length} files of gateways have mistakes.\n`);
  else if (files.length > 0) write(`${pc.green('✔')} ${files.length} files of gateways and sources`);
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
