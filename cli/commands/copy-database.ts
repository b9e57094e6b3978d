import { join } from 'node:path';
import type { Config } from '../../config.ts';
import { lockDataFolder } from '../../embedded/data-folder.ts';
import { KaitError } from '../../errors.ts';
import { copyDatabase } from '../../storage/copy-database.ts';
import type { Database } from '../../storage/database.ts';
import { migrateProject } from '../../storage/project/migrate-project.ts';
import { readMigrations } from '../../storage/project/read-migrations.ts';
import { endpoints } from '../../storage/schema.ts';
import { keyFile, readHomeSecretKeys } from '../compose/home-secret-keys.ts';
import { openDatabase } from '../compose/open-database.ts';
import { processLog } from '../log.ts';

/**
 * `kait copy-database`: copies the database that `kait up` has embedded into the empty one of DATABASE_URL, and prints a line for each table
 * with rows. Throws `KAIT_DATA_FOLDER_IN_USE` while Kait runs.
 */
export async function runCopyDatabase(config: Config, print: (line: string) => void): Promise<void> {
  const { home, database, migrations } = config;
  if (database.url === null) {
    throw new KaitError(
      'KAIT_CONFIG_INVALID',
      'Set DATABASE_URL to the empty PostgreSQL database that is to get the rows.',
    );
  }
  const notes: string[] = [];
  const lock = await lockDataFolder(home);
  try {
    const open = (url: string | null) =>
      openDatabase({
        config: { home, database: { ...database, url } },
        log: processLog(config.logLevel),
        signal: new AbortController().signal,
        report: () => undefined,
      });
    const from = await open(null);
    try {
      const to = await open(database.url);
      try {
        await migrateProject(to, await readMigrations(migrations));
        await copyDatabase(from, to, (table, rows) => rows > 0 && print(`${String(rows).padStart(9)}  ${table}`));
        notes.push(...(await secretsNote(to, config)));
      } finally {
        await to.close();
      }
    } finally {
      await from.close();
    }
  } finally {
    await lock.release();
  }
  print(`Copied. From now on, start Kait with DATABASE_URL. ${join(home, 'database')} stays as it is, as a backup.`);
  for (const note of notes) print(note);
}

/** What opens the secrets of endpoints is in no database. */
async function secretsNote(copy: Database, { home, secretKeys }: Config): Promise<string[]> {
  const sealed = await copy.orm.select({ key: endpoints.secretsKey }).from(endpoints);
  if (sealed.length === 0) return [];
  const keys = secretKeys ?? (await readHomeSecretKeys(home));
  const where = secretKeys === null ? `in ${keyFile(home)}` : 'in KAIT_SECRETS_KEY';
  const lost = sealed.filter(({ key }) => keys?.all.has(key) !== true).length;
  if (lost > 0) {
    const whose = inWords(lost);
    return [
      `The key of the secrets of ${whose} is not ${where}. Restore it before you start Kait: nothing else opens them.`,
    ];
  }
  const note = `The secrets of ${inWords(sealed.length)} open with the key ${where}.`;
  if (secretKeys !== null) return [`${note} Keep it.`];
  const elsewhere = 'For "kait server" and "kait worker", set KAIT_SECRETS_KEY to what is in that file.';
  return [`${note} "kait up" finds it there. ${elsewhere}`];
}

function inWords(count: number): string {
  return count === 1 ? 'one endpoint' : `${count} endpoints`;
}
