import { createHash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { KaitError } from '../../errors.ts';

/** One file of the project's `migrations` folder. */
export interface Migration {
  /** `0001_points.sql` */
  name: string;
  path: string;
  /** With Unix line ends. */
  sql: string;
  /** SHA-256 (hex) of that text, so that a checkout on Windows has the same. */
  checksum: string;
}

/**
 * Reads the files `<number>….sql` of a folder, in the order in which they are applied: numbers in their names count as numbers. Other
 * kinds of files are passed over, and so is a folder that does not exist. Throws `KAIT_MIGRATIONS_INVALID`, which names all mistakes.
 */
export async function readMigrations(folder: string): Promise<Migration[]> {
  const names = (await entriesOf(folder))
    .filter((name) => name.endsWith('.sql') && !name.startsWith('.'))
    .sort(byOrder);
  const problems = names.flatMap((name, index) => problemsOf(name, names[index - 1]));
  const migrations = await Promise.all(names.map((name) => readMigration(folder, name, problems)));
  if (problems.length > 0) throw new KaitError('KAIT_MIGRATIONS_INVALID', problems.join('\n'));
  return migrations;
}

/** The order in which migrations are applied: `2_b.sql` before `10_a.sql`. */
export function byOrder(one: string, other: string): number {
  const [first, second] = [orderOf(one), orderOf(other)];
  return first < second ? -1 : first > second ? 1 : 0;
}

function orderOf(name: string): string {
  return name.replace(/\d+/g, (digits) => digits.replace(/^0+(?=\d)/, '').padStart(30, '0'));
}

function problemsOf(name: string, before: string | undefined): string[] {
  if (/\.(?:down|undo|rollback)\.sql$/i.test(name)) {
    return [`migrations/${name}: migrations only go forward. Remove it; to undo a change, add a migration`];
  }
  if (!/^\d/.test(name))
    return [`migrations/${name}: its name must begin with a number, which says when it is applied: 0001_${name}`];
  if (before !== undefined && byOrder(before, name) === 0) {
    return [`migrations/${name}: ${before} has the same place in the order. Give one of them another number`];
  }
  return [];
}

async function readMigration(folder: string, name: string, problems: string[]): Promise<Migration> {
  const path = join(folder, name);
  const sql = decoded(await readFile(path))?.replaceAll('\r\n', '\n');
  if (sql === undefined) problems.push(`migrations/${name}: must be UTF-8. Save it again with the encoding UTF-8`);
  return {
    name,
    path,
    sql: sql ?? '',
    checksum: createHash('sha256')
      .update(sql ?? '')
      .digest('hex'),
  };
}

/** Without a byte order mark. Undefined if it is not UTF-8. */
function decoded(bytes: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return text.includes('\0') ? undefined : text;
  } catch {
    return undefined;
  }
}

async function entriesOf(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.filter((entry) => !entry.isDirectory()).map((entry) => entry.name);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}
