import type { Logger } from 'pino';
import { readSecretsFile } from '../../activities/secrets-file.ts';

/** What is wrong with `secrets.json` at the moment, for the server, which uses no secret itself. */
export interface WatchedSecretsFile {
  /** Where and of what kind. Null if nothing is. */
  problem(): string | null;
  /** Reads the file again. Logs each new mistake and its correction once. Never rejects. */
  refresh(): Promise<void>;
}

/** Reads the file. Once it was there, it is a mistake that it is gone, as it is for the workers. */
export async function watchSecretsFile(file: string, log: Pick<Logger, 'error' | 'info'>): Promise<WatchedSecretsFile> {
  let hasExisted = false;
  async function find(): Promise<string | null> {
    const read = await readSecretsFile(file);
    if (read.bindings === null) return read.problem;
    hasExisted ||= read.exists;
    return hasExisted && !read.exists ? `${file} is gone.` : null;
  }
  let problem = await find(); // Logged with the other mistakes.
  return {
    problem: () => problem,
    async refresh() {
      const latest = await find();
      if (latest === problem) return;
      if (latest === null) log.info('secrets.json is correct again');
      else log.error({ problem: latest }, 'mistake in secrets.json');
      problem = latest;
    },
  };
}
