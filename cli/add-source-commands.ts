import type { Command } from 'commander';
import { loadConfig } from '../config.ts';
import { KaitError } from '../errors.ts';
import { listGateways, listSources, runAddSource, runTestSource, showSource } from './commands/sources.ts';
import { print } from './terminal.ts';

/** Commands for who mounts gateways. Only `test` needs a running Kait. */
export function addSourceCommands(program: Command, outcome: { exitCode: number }): void {
  const sources = program.command('sources').description('which gateway is mounted at which URL');
  sources
    .command('list', { isDefault: true })
    .description('the sources, and whether their secrets are set')
    .action(async () => print(await listSources(loadConfig())));
  sources
    .command('gateways')
    .description('the gateways that Kait knows')
    .action(async () => print(await listGateways(loadConfig())));
  sources
    .command('show <source>')
    .description('its address, and what to choose in the gateway’s dashboard')
    .action(async (name: string) => print(await showSource(loadConfig(), name)));
  sources
    .command('add [name]')
    .description('mount a gateway; asks for what is not given')
    .option('--gateway <gateway>', 'see kait sources gateways')
    .option('--secret <variables...>', 'environment variables that hold the secrets')
    .option('--set <pairs...>', 'settings of the gateway: webhookId=…')
    .option('--sandbox', 'the gateway’s sandbox')
    .option('--confirm', 'let each run ask the gateway first')
    .option('--api-key <variable>', 'environment variable that holds the key for asking it')
    .action(async (name: string | undefined, options: AddOptions) => {
      const { gateway, secret = [], set = [], sandbox, confirm, apiKey } = options;
      const environment = sandbox === true ? 'sandbox' : undefined;
      const given = {
        name,
        gateway,
        secrets: secret,
        settings: settingsOf(set),
        environment,
        confirm,
        apiKey,
      } as const;
      print(await runAddSource(loadConfig(), given));
    });
  sources
    .command('test <source>')
    .description('send a signed sample to the source’s address; nothing but storing is done for it')
    .option('--sample <name>', 'which of the gateway’s samples')
    .option('--url <url>', 'another address than the gateway has')
    .action(async (name: string, options: { sample?: string; url?: string }) => {
      outcome.exitCode = await runTestSource(loadConfig(), name, options, print);
    });
}

interface AddOptions {
  gateway?: string;
  secret?: string[];
  set?: string[];
  sandbox?: boolean;
  confirm?: boolean;
  apiKey?: string;
}

function settingsOf(pairs: string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const separator = pair.indexOf('=');
      if (separator <= 0) throw new KaitError('KAIT_USAGE', `Expected --set name=value, came ${pair}`);
      return [pair.slice(0, separator), pair.slice(separator + 1)];
    }),
  );
}
