import pc from 'picocolors';
import type { Config } from '../../config.ts';
import { composeAll, type RunningKait } from '../compose/compose-all.ts';
import { untilStopped } from '../compose/until-stopped.ts';
import { processLog } from '../log.ts';
import { version } from '../version.ts';

/** `kait up`: everything in one process, until a signal ends it. */
export async function runUp(config: Config): Promise<void> {
  const log = processLog(config.logLevel);
  process.stdout.write(`${pc.bold('Kait')} ${version}\n`);
  await untilStopped(async (signal) => {
    const kait = await composeAll({ config, log, report: showStep, signal });
    process.stdout.write(`${overview(kait, config)}\n`);
    return kait;
  });
}

/** A line of progress. */
export function showStep(line: string): void {
  process.stdout.write(`  ${pc.dim('›')} ${line}\n`);
}

/** Where everything is, for a person who has just started Kait. */
export function overview({ server, gateways, temporal, generatedSecrets }: RunningKait, config: Config): string {
  const base = config.receiver.publicUrl ?? server.url;
  const names = gateways.sources.all().map(({ name }) => name);
  const width = Math.max(...names.map((name) => name.length));
  return [
    '',
    pc.bold('Target URLs, for your gateways’ webhook settings'),
    ...names.map((name) => `  ${name.padEnd(width)}  ${pc.cyan(`${base}/in/${name}`)}`),
    ...generatedNote(generatedSecrets, config),
    '',
    pc.bold('Where to look'),
    `  Temporal Web UI  ${pc.cyan(temporal.uiUrl ?? 'that of your cluster')}`,
    `  Health           ${pc.cyan(`${server.url}/readyz`)}`,
    `  Workflows        ${server.definitions.map(({ definition }) => definition.name).join(', ') || 'none'}`,
    `  Data             ${config.home}`,
    '',
    `Try:  ${pc.green('npm run kait -- send stripe payment_intent.succeeded')}   then   ${pc.green('npm run kait -- runs')}`,
    `Stop: Ctrl-C`,
    '',
  ].join('\n');
}

function generatedNote(generated: string[], config: Config): string[] {
  if (generated.length === 0) return [];
  return [
    `  ${pc.yellow('Not set:')} ${generated.join(', ')}.`,
    `  Random secrets in ${config.home}/secrets.json stand in, so only "kait send" gets through. Put the real ones into .env.`,
  ];
}
