import { composeAll } from '../../cli/compose/compose-all.ts';
import { processLog } from '../../cli/log.ts';
import { loadConfig } from '../../config.ts';
import { runChildProgram } from '../child-program.ts';

export interface KaitUpSettings {
  /** Subscribed to `order.*`. */
  endpointUrl: string;
}

export interface KaitUp {
  url: string;
  installation: string;
  temporalUi: string | null;
}

/** When each run started, by workflow id, in Unix milliseconds of this machine's clock. */
export type StartTimes = Record<string, number>;

/** `kait up` as it is: receiver, dispatcher, worker and PGlite in one process, and Temporal as its child. */
await runChildProgram(async ({ endpointUrl }: KaitUpSettings) => {
  const log = processLog('info');
  const { signal } = new AbortController();
  const kait = await composeAll({ config: loadConfig(process.env), log, report: (line) => log.info(line), signal });
  await kait.server.endpoints.add({ url: endpointUrl, patterns: ['order.*'] });
  return {
    ready: {
      url: kait.server.url,
      installation: kait.installation,
      temporalUi: kait.temporal.ui?.url ?? null,
    } satisfies KaitUp,
    async answer(workflowIds: string[]): Promise<StartTimes> {
      const startedAt = async (workflowId: string) => {
        const { events } = await kait.temporal.client.workflow.getHandle(workflowId).fetchHistory();
        const { seconds, nanos } = events?.[0]?.eventTime ?? {};
        return [workflowId, Number(seconds) * 1_000 + (nanos ?? 0) / 1_000_000] as const;
      };
      return Object.fromEntries(await Promise.all(workflowIds.map(startedAt)));
    },
    stop: () => kait.stop(),
  };
});
