import type { Command } from 'commander';
import { loadConfig } from '../config.ts';
import { httpUrl, pairs, type Pair, variablesByIds, wholeNumber } from './option-parsers.ts';
import { print } from './terminal.ts';

/** Commands that mount gateways. Only `test` and `fetch` need a running Kait. */
export function addSourceCommands(program: Command, outcome: { exitCode: number }): void {
  const sources = program.command('sources').description('manage the gateways and their webhook URLs');
  sources
    .command('list', { isDefault: true })
    .description('show the sources, and whether their secrets are set')
    .action(async () => print(await (await commands()).listSources(loadConfig())));
  sources
    .command('gateways')
    .description('show the gateways that Kait knows')
    .action(async () => print(await (await commands()).listGateways(loadConfig())));
  sources
    .command('show <source>')
    .description('show a source’s URL, and what to set in the gateway’s dashboard')
    .action(async (name: string) => print(await (await commands()).showSource(loadConfig(), name)));
  sources
    .command('add [name]')
    .description('add a gateway; asks for what no option says')
    .option('--gateway <gateway>', 'a gateway that "kait sources gateways" lists')
    .option('--secret <variables...>', 'environment variables that hold the secrets', [])
    .option('--key <pairs...>', 'ids of keys with their variables, such as 7=SHOP_KEY', variablesByIds, [])
    .option('--set <pairs...>', 'settings of the gateway, such as webhookId=8PT5', pairs, [])
    .option('--sandbox', 'use the gateway’s sandbox')
    .option('--test', 'let test events start runs; the default for a sandbox')
    .option('--no-test', 'ignore test events even in a sandbox')
    .option('--confirm', 'make each run ask the gateway first whether the event is true')
    .option('--no-confirm', 'start runs without asking, even if the gateway’s preset requires it')
    .option('--api-key <variable>', 'environment variable with the key of the gateway’s API')
    .action(async (name: string | undefined, options: AddOptions) => {
      const { gateway, secret: secrets, key, set, sandbox, test, confirm, apiKey } = options;
      const environment = sandbox === true ? 'sandbox' : undefined;
      const given = {
        name,
        gateway,
        secrets,
        keyring: Object.fromEntries(key),
        settings: Object.fromEntries(set),
        environment,
        test,
        confirm,
        apiKey,
      } as const;
      print(await (await commands()).runAddSource(loadConfig(), given));
    });
  sources
    .command('test <source>')
    .description('send a signed sample to the source’s URL; Kait stores it and starts no run')
    .option('--sample <name>', 'which of the gateway’s samples to send')
    .option('--url <url>', 'send it to this URL instead', httpUrl)
    .action(async (name: string, options: { sample?: string; url?: string }) => {
      outcome.exitCode = await (await commands()).runTestSource(loadConfig(), name, options, print);
    });
  sources
    .command('fetch <source> <id>')
    .description('ask the gateway for an event that did not arrive: by the id of the event, payment or order')
    .option('--days <n>', 'how many days of the gateway’s list to search, if it only has a list', wholeNumber(1, 90), 3)
    .option('--reason <text>', 'why, for the audit')
    .action(async (source: string, id: string, options: { days: number; reason?: string }) => {
      outcome.exitCode = await (await commands()).fetchMissing(loadConfig(), { source, id, ...options }, print);
    });
}

const commands = () => import('./commands/sources.ts');

interface AddOptions {
  gateway?: string;
  secret: string[];
  key: Pair[];
  set: Pair[];
  sandbox?: boolean;
  test?: boolean;
  confirm?: boolean;
  apiKey?: string;
}
