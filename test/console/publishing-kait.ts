import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { answerOf, type ApiAccess, apiClient } from '../../cli/api-client.ts';
import { startPostgres } from '../services/postgres.ts';
import { startKait } from './start-up.ts';

const token = 'a token of the tests';

/** Starts a `kait server` that follows what is published, with PostgreSQL of its own, and publishes a first set. Runs are started by nobody there. */
export async function startPublishingKait(
  temporalAddress: string,
  files: Readonly<Record<string, string>>,
): Promise<ApiAccess & { stop: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'kait-test-publishing-'));
  const definitions = join(folder, 'definitions');
  await mkdir(join(definitions, 'workflows'), { recursive: true });
  for (const [path, text] of Object.entries(files)) await writeFile(join(definitions, path), text);
  const postgres = await startPostgres({ fsync: 'off' });
  const { output, stop } = await startKait('server', 'server is up', folder, {
    ...{ KAIT_HOME: join(folder, 'home'), KAIT_DEFINITIONS: definitions, KAIT_DEFINITIONS_FROM: 'published' },
    ...{ DATABASE_URL: postgres.url, TEMPORAL_ADDRESS: temporalAddress, KAIT_INSTALLATION: 'publishing' },
    ...{ KAIT_ADMIN_TOKEN: token, SMTP_URL: 'smtp://127.0.0.1:1', KAIT_MAIL_FROM: 'Shop <shop@shop.example>' },
  });
  const url = /"admin":"([^"]+)"/.exec(output)?.[1] ?? '';
  await answerOf(apiClient({ url, token }).POST('/published', { body: { files, note: 'the first', force: false } }));
  return {
    ...{ url, token },
    async stop() {
      await stop();
      await postgres.stop();
      await rm(folder, { recursive: true });
    },
  };
}
