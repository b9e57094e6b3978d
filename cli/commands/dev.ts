import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import pc from 'picocolors';
import type { Config } from '../../config.ts';
import { readMailTemplates } from '../../activities/mail/mail-templates.ts';
import { layersOf } from '../../definition-layers.ts';
import { formatFaults, mailFault } from '../../server/faults.ts';
import { projectOf } from '../activities/activity-sources.ts';
import { startCompiler } from '../activities/compile-activities.ts';
import { composeAll, type RunningKait } from '../compose/compose-all.ts';
import { untilStopped } from '../compose/until-stopped.ts';
import { createFeed } from '../dev/feed.ts';
import { watchProject } from '../dev/watch-project.ts';
import { teeLog } from '../log.ts';
import { print } from '../terminal.ts';
import { version } from '../version.ts';
import { overview, showProgress } from './up.ts';

/**
 * `kait dev`: runs everything in one process and follows changes of the definitions folder, the activities and `.env`. A change counts for new runs; a file
 * with a mistake keeps its last good version. Standard output gets one line for each webhook, run and delivery.
 */
export async function runDev(config: Config): Promise<void> {
  print(`${pc.bold('Kait')} ${version}`);
  await mkdir(config.home, { recursive: true, mode: 0o700 });
  await showMailMistakes(config);
  const feed = createFeed({ print, now: () => new Date() });
  const log = teeLog(config.logLevel, join(config.home, 'dev.log'), (entry) => feed.take(entry));
  await untilStopped(async (signal) => {
    const kait = await composeAll({
      config,
      log,
      report: showProgress,
      signal,
      activitiesFrom: 'sources',
      onFaultyMigration: showError,
    });
    feed.follow((workflowId) => kait.temporal.client.workflow.getHandle(workflowId).result());
    print(await overview(kait, config));
    const project = projectOf(config.definitions);
    const watched = { folder: config.definitions, file: join(process.cwd(), '.env'), project };
    const watch = await watchProject(watched, () => reload(kait));
    print(
      pc.dim(
        `Following ${config.definitions}${project === null ? '' : ', activities'} and .env. A change counts for new runs.\n`,
      ),
    );
    showFaults(kait);
    if (project !== null) await startCompiler();
    return {
      finished: kait.finished,
      async stop() {
        await watch.stop();
        await kait.stop();
      },
    };
  });
}

/** Before anything is downloaded or started, which may take a minute. */
async function showMailMistakes({ definitions }: Config): Promise<void> {
  const { faulty } = await readMailTemplates(layersOf(definitions, 'mails'));
  if (faulty.size > 0) print(`${pc.red(formatFaults([...faulty].map(mailFault)))}\n`);
}

async function reload(kait: RunningKait): Promise<void> {
  const before = formatFaults(kait.server.faults());
  const isWhole = await kait.reload().then(
    () => true,
    (error: unknown) => {
      showError(error); // Such as a migration with a mistake. Everything else was read.
      return false;
    },
  );
  const after = formatFaults(kait.server.faults());
  if (after !== '' && after !== before) showFaults(kait);
  else if (isWhole)
    print(`${pc.green('↻')} ${before !== '' && after === '' ? 'no mistakes any more' : 'changes count for new runs'}`);
}

function showError(error: unknown): void {
  print(`${pc.red('✘')} ${error instanceof Error ? error.message : String(error)}`);
}

function showFaults({ server }: RunningKait): void {
  const faults = server.faults();
  if (faults.length > 0) print(`${pc.red(formatFaults(faults))}\n`);
}
