import { readFile } from 'node:fs/promises';
import { SourceMap, type SourceMapPayload } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { activityProblems } from '../../activities/own/activity-problems.ts';
import { isOwnActivity, type OwnActivity } from '../../activities/own/define-activity.ts';
import { type FaultyActivity, faultyActivity, type FoundMistake } from './activity-finding.ts';

export interface ImportedActivities {
  /** By their names. */
  activities: Map<string, { activity: OwnActivity; file: string }>;
  faulty: FaultyActivity[];
}

/** Loads compiled modules. `modules`: their paths in `folder`, by their sources' paths in the project. */
export async function importActivities(
  project: string,
  folder: string,
  modules: Readonly<Record<string, string>>,
): Promise<ImportedActivities> {
  const activities: ImportedActivities['activities'] = new Map();
  const mistakes: FoundMistake[] = [];
  const twins = new Set<string>();
  for (const [file, path] of Object.entries(modules)) {
    const read = await importOne(project, file, join(folder, path));
    if ('message' in read) {
      mistakes.push(read);
      continue;
    }
    const other = activities.get(read.name);
    if (other === undefined) activities.set(read.name, { activity: read, file });
    else {
      twins.add(read.name);
      mistakes.push({ file, message: `${other.file} defines an activity "${read.name}", too. Rename one of them` });
    }
  }
  // Neither counts: it would depend on the files' names which one does.
  for (const name of twins) activities.delete(name);
  return { activities, faulty: await Promise.all(mistakes.map((mistake) => faultyActivity(project, mistake))) };
}

/** How long a module may take to load. */
const loadMs = 10_000;

async function importOne(project: string, file: string, path: string): Promise<OwnActivity | FoundMistake> {
  const wrong = (message: string) => ({ file, message, hint: 'export default defineActivity({ … })' });
  let module: { default?: unknown };
  try {
    module = (await inTime(import(pathToFileURL(path).href))) as { default?: unknown };
  } catch (error) {
    return { file, ...(await placeOf(error, join(project, file), path)), message: thrownText(error) };
  }
  const { default: exported } = module;
  if (exported === undefined) {
    return wrong('This file has no default export. What activities share belongs in a folder of activities/.');
  }
  if (!isOwnActivity(exported)) return wrong('The default export was not made by defineActivity.');
  const problems = activityProblems(exported);
  return problems.length === 0 ? exported : { file, message: problems.join('. ') };
}

async function inTime<Value>(work: Promise<Value>): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`it was not loaded after ${loadMs / 1000} s`)), loadMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

function thrownText(error: unknown): string {
  if (!(error instanceof Error)) return `Loading it threw ${String(error)}`;
  if ('code' in error && error.code === 'ERR_MODULE_NOT_FOUND') return error.message.replace(/ imported from .*$/s, '');
  return error.message.startsWith('defineActivity: ')
    ? error.message.slice(16)
    : `Loading it threw ${error.name}: ${error.message}`;
}

/** The first place in the stack that is of the file. The stack may name the module, or already the source. */
async function placeOf(error: unknown, source: string, module: string): Promise<Pick<FoundMistake, 'line' | 'column'>> {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  for (const [, path, line, column] of stack.matchAll(/(?:file:\/\/)?(\/[^\s:()]*):(\d+):(\d+)/g)) {
    if (path === source) return { line: Number(line), column: Number(column) };
    if (path === module) return mapped(module, Number(line), Number(column));
  }
  return {};
}

async function mapped(module: string, line: number, column: number): Promise<Pick<FoundMistake, 'line' | 'column'>> {
  const text = await readFile(`${module}.map`, 'utf8').catch(() => null);
  if (text === null) return {};
  const found = new SourceMap(JSON.parse(text) as SourceMapPayload).findEntry(line - 1, column - 1);
  return 'originalLine' in found ? { line: found.originalLine + 1, column: found.originalColumn + 1 } : {};
}
