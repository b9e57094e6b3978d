import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { homeSecretKeys } from '../../../cli/compose/home-secret-keys.ts';
import { openDatabase } from '../../../cli/compose/open-database.ts';
import { runCopyDatabase } from '../../../cli/commands/copy-database.ts';
import { processLog } from '../../../cli/log.ts';
import { loadConfig } from '../../../config.ts';
import { sealSecrets } from '../../../activities/outbound/endpoint-secrets.ts';
import { endpoints } from '../../../storage/schema.ts';
import { startPostgres, type PostgresServer } from '../../services/postgres.ts';
import { sharedTemporaryFolder } from '../../temporary-folder.ts';

const folder = sharedTemporaryFolder();
let server: PostgresServer;
let home: string;
beforeAll(async () => {
  server = await startPostgres({ fsync: 'off' });
  home = join(folder.path, 'home');
  const database = await openDatabase({
    ...{ config: loadConfig({ KAIT_HOME: home }), log: processLog('silent') },
    ...{ signal: new AbortController().signal, report: () => undefined },
  });
  const secrets = { signing: [], headers: {}, auth: null, clientCertificate: null };
  const sealed = sealSecrets(await homeSecretKeys(home), 'ep_1', secrets);
  await database.orm.insert(endpoints).values({ id: 'ep_1', url: 'https://a.example', patterns: ['*'], ...sealed });
  await database.close();
});
afterAll(() => server.stop());

/** The last two lines. */
async function copyTo(name: string, environment: Record<string, string> = {}): Promise<string[]> {
  const lines: string[] = [];
  const url = await server.createDatabase(name);
  const config = loadConfig({ KAIT_HOME: home, DATABASE_URL: url, LOG_LEVEL: 'silent', ...environment });
  await runCopyDatabase(config, (line) => lines.push(line));
  return lines.slice(-2);
}

it('says where the key of the endpoints’ secrets is', async () => {
  expect(await copyTo('with_key')).toEqual([
    `Copied. From now on, start Kait with DATABASE_URL. ${join(home, 'database')} stays as it is, as a backup.`,
    `The secrets of one endpoint open with the key in ${join(home, 'secrets-key')}. "kait up" finds it there. For "kait server" and "kait worker", set KAIT_SECRETS_KEY to what is in that file.`,
  ]);
});

it('says that the key is missing', async () => {
  const other = { KAIT_SECRETS_KEY: '08'.repeat(32) };
  expect((await copyTo('with_other_key', other))[1]).toBe(
    'The key of the secrets of one endpoint is not in KAIT_SECRETS_KEY. Restore it before you start Kait: nothing else opens them.',
  );
  await rm(join(home, 'secrets-key'));
  expect((await copyTo('without_key'))[1]).toBe(
    `The key of the secrets of one endpoint is not in ${join(home, 'secrets-key')}. Restore it before you start Kait: nothing else opens them.`,
  );
});
