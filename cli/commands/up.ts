import pc from 'picocolors';
import type { Config } from '../../config.ts';
import { linkMinutes } from '../../server/console/login-links.ts';
import { formatFaults } from '../../server/faults.ts';
import { composeAll, type RunningKait } from '../compose/compose-all.ts';
import { untilStopped } from '../compose/until-stopped.ts';
import { processLog } from '../log.ts';
import { ownCommand } from '../own-command.ts';
import type { Source } from '../../server/gateway/sources.ts';
import { webhookToTry } from '../samples.ts';
import { print, shownAddress } from '../terminal.ts';
import { version } from '../version.ts';
import { whoAmI } from '../who-am-i.ts';

/**
 * `kait up`: runs everything in one process until a signal ends it. The greeting goes to standard output; progress and the log go
 * to standard error. If `strict`, a mistake in the definitions keeps it from starting.
 */
export async function runUp(config: Config, { strict = false }: { strict?: boolean } = {}): Promise<void> {
  const log = processLog(config.logLevel);
  print(`${pc.bold('Kait')} ${version}`);
  await untilStopped(async (signal) => {
    const kait = await composeAll({ config, log, report: showProgress, signal, strict });
    print(await overview(kait, config));
    const faults = kait.server.faults();
    if (faults.length > 0) process.stderr.write(`${pc.red(formatFaults(faults))}\n\n`);
    return kait;
  });
}

/** Writes a line of progress to standard error. */
export function showProgress(line: string): void {
  process.stderr.write(`  › ${line}\n`);
}

/** Why there is no address. */
const noUi: Record<Config['temporal']['kind'], string> = {
  cluster: 'your cluster’s own',
  embedded: 'off: this machine has only one loopback address. docs/OPERATIONS.md says how to add one',
};

/** Shows where everything is, for someone who has just started Kait. */
export async function overview(
  { server, gateways, definitions, temporal, generatedSecrets }: RunningKait,
  config: Config,
): Promise<string> {
  const base = config.receiver.publicUrl ?? server.url;
  const names = gateways.sources.all().map(({ name }) => name);
  const width = Math.max(...names.map((name) => name.length));
  return [
    '',
    pc.bold('Webhook URLs to enter in your gateways’ dashboards'),
    ...names.map((name) => `  ${name.padEnd(width)}  ${pc.cyan(`${base}/in/${name}`)}`),
    ...generatedNote(generatedSecrets, config),
    '',
    pc.bold('Where to look'),
    `  Console          ${consoleAddress(server)}`,
    `  Temporal Web UI  ${temporal.ui === null ? noUi[config.temporal.kind] : pc.cyan(shownAddress(temporal.ui, '/'))}`,
    `  Health           ${pc.cyan(`${server.url}/readyz`)}`,
    `  Workflows        ${definitions.map(({ definition }) => definition.name).join(', ') || 'none'}`,
    `  Data             ${config.home}`,
    '',
    ...(await tryLines(gateways.sources.all(), config)),
    `Stop: Ctrl-C`,
    '',
  ].join('\n');
}

/** Whoever opens the link first is logged in. Later, `kait console` makes another. */
function consoleAddress(server: RunningKait['server']): string {
  const link = server.loginUrl(whoAmI());
  return link === null ? pc.cyan(server.adminUrl) : `${pc.cyan(link)} (opens once, within ${linkMinutes} minutes)`;
}

/** Nothing if no source can be tried here, because only its gateway can sign. */
async function tryLines(sources: readonly Source[], config: Config): Promise<string[]> {
  const webhook = await webhookToTry(sources, config.definitions);
  if (webhook === undefined) return [];
  return [`Try:  ${pc.green(ownCommand(`send ${webhook}`))}   then   ${pc.green(ownCommand('runs'))}`];
}

function generatedNote(generated: string[], config: Config): string[] {
  if (generated.length === 0) return [];
  return [
    `  ${pc.yellow('Not set:')} ${generated.join(', ')}.`,
    `  Kait uses random secrets from ${config.home}/secrets.json instead, so only "kait send" gets through.`,
    `  To receive real webhooks, set your gateways’ secrets in .env.`,
  ];
}
