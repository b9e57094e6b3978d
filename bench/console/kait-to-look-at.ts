import { composeAll } from '../../cli/compose/compose-all.ts';
import { processLog } from '../../cli/log.ts';
import { loadConfig } from '../../config.ts';
import { runChildProgram } from '../child-program.ts';

export interface KaitToLookAt {
  /** Where webhooks go. */
  url: string;
  /** Of the console and the API. */
  adminUrl: string;
  installation: string;
}

/** `kait up` as it is, on PGlite or PostgreSQL. It is asked to execute statements, which answer nothing. */
await runChildProgram(async () => {
  const config = loadConfig(process.env);
  const log = processLog(config.logLevel);
  const { signal } = new AbortController();
  const kait = await composeAll({ config, log, report: (line) => log.info(line), signal });
  return {
    ready: {
      ...{ url: kait.server.url, adminUrl: kait.server.adminUrl, installation: kait.installation },
    } satisfies KaitToLookAt,
    async answer(statements: string[]): Promise<null> {
      for (const [index, sql] of statements.entries()) await kait.database.run(`bench-fill-${index}`, sql, []);
      return null;
    },
    stop: () => kait.stop(),
  };
});
