import { text } from 'node:stream/consumers';
import { Option, type Command } from 'commander';
import { loadConfig } from '../config.ts';
import type { InitOptions } from './commands/init.ts';
import type { MailPreviewOptions } from './commands/mail-preview.ts';
import type { SimulateOptions } from './commands/simulate.ts';
import { untilStopped } from './compose/until-stopped.ts';
import { headerLines, httpUrl, type Pair, pairs, percentage } from './option-parsers.ts';
import type { SendOptions } from './commands/send.ts';
import { print } from './terminal.ts';

/** Commands for authors of definitions. Only `send` needs a running Kait. */
export function addAuthorCommands(program: Command, outcome: { exitCode: number }): void {
  addInit(program);
  addMails(program);
  addReadingCommands(program, outcome);
  addTryingCommands(program, outcome);
  program
    .command('vectors <file>')
    .description('check gateway presets against signed requests')
    .action(async (file: string) => {
      const { runVectors } = await import('./commands/vectors.ts');
      outcome.exitCode = await runVectors(file, print);
    });
  program
    .command('build')
    .description('compile the activities of the project for production, into dist/activities')
    .action(async () => {
      const { build } = await import('./commands/build.ts');
      outcome.exitCode = await build(loadConfig(), print);
    });
  program
    .command('schemas [folder]')
    .description('write the JSON Schemas for editors; default: into schemas')
    .action(async (folder: string | undefined) => {
      const { writeSchemas } = await import('./commands/schemas.ts');
      await writeSchemas(folder ?? 'schemas', loadConfig().definitions);
    });
}

function addMails(program: Command): void {
  program
    .command('mail')
    .description('preview the mails in definitions/mails')
    .command('preview <name>')
    .description('show a mail as it would be sent for an event')
    .option('--event <event>', 'a file with the event, or a gateway’s sample: stripe/payment_intent.succeeded')
    .option('--locale <locale>', 'instead of the mail’s own: id-ID')
    .option('--value <name=text...>', 'values that the step would pass', pairs)
    .option('--out <file>', 'also write it to a file that ends in .html or .txt')
    .action(async (name: string, { value = [], ...options }: MailFlags) => {
      const { previewMail } = await import('./commands/mail-preview.ts');
      await previewMail(loadConfig(), name, { ...options, values: value }, print);
    });
}

interface MailFlags extends Omit<MailPreviewOptions, 'values'> {
  value?: Pair[];
}

function addInit(program: Command): void {
  program
    .command('init [folder]')
    .description('create a project; asks for what no option says, and overwrites nothing')
    .option('--yes', 'take the defaults instead of asking')
    .option('--name <name>', 'default: the name of the folder')
    .option('--gateway <gateways...>', 'the gateways to mount: see "kait sources gateways"')
    .addOption(new Option('--database <kind>', 'for developing').choices(['embedded', 'postgres']))
    .addOption(new Option('--mail <kind>', 'for developing').choices(['files', 'smtp']))
    .action(async (folder: string | undefined, { yes = false, gateway, ...given }: InitFlags) => {
      const { initProject } = await import('./commands/init.ts');
      const options = { ...given, yes, ...(gateway === undefined ? {} : { gateways: gateway }) };
      print(await initProject(folder ?? '.', options, new Date().toISOString()));
    });
}

interface InitFlags extends Omit<InitOptions, 'yes' | 'gateways'> {
  yes?: boolean;
  gateway?: string[];
}

/** Commands that read the text of definitions. */
function addReadingCommands(program: Command, outcome: { exitCode: number }): void {
  program
    .command('validate [paths...]')
    .description('check workflow definitions, their tests, gateway presets, sources and mail templates')
    .option('--json', 'print all findings as JSON')
    .action(async (paths: string[], { json = false }: { json?: boolean }) => {
      const { validate } = await import('./commands/validate.ts');
      outcome.exitCode = await validate({ paths, json, definitions: loadConfig().definitions }, print);
    });
  program
    .command('fmt [paths...]')
    .description('format workflow definitions and their tests; - reads standard input')
    .option('--check', 'change nothing; the exit code is 1 if a file is not formatted')
    .action(async (paths: string[], { check = false }: { check?: boolean }) => {
      const { definitions } = loadConfig();
      const { fmt } = await import('./commands/fmt.ts');
      outcome.exitCode = await fmt({ paths, check, definitions, readInput: () => text(process.stdin) }, print);
    });
  program
    .command('diff <before> <after>')
    .description('compare two definitions; the exit code is 0 if they are the same')
    .action(async (before: string, after: string) => {
      const { diff } = await import('./commands/diff.ts');
      outcome.exitCode = await diff({ before, after }, print);
    });
  program
    .command('graph <file>')
    .description('print a definition as a Mermaid flowchart')
    .action(async (file: string) => {
      const { graph } = await import('./commands/graph.ts');
      outcome.exitCode = await graph(file, print);
    });
  program
    .command('explain <file>')
    .description('explain what a definition does: steps, compensation, size in Temporal, longest duration')
    .option('--json', 'print JSON')
    .action(async (file: string, { json = false }: { json?: boolean }) => {
      const { explain } = await import('./commands/explain.ts');
      outcome.exitCode = await explain({ file, json }, print);
    });
}

/** Commands that run a definition, or make the running Kait run one. */
function addTryingCommands(program: Command, outcome: { exitCode: number }): void {
  program
    .command('send [source] [sample]')
    .description(
      'sign a webhook as its gateway would, and send it to the running Kait: a sample, a file, or a stored event',
    )
    .option('--set <path=value...>', 'change the sample: data.object.amount_received=5000', pairs, [])
    .option('--file <file>', 'send this body, for example from the gateway’s dashboard; - reads standard input')
    .option('--source <name>', 'with --file: the source of the webhook')
    .option(
      '--header <header...>',
      'with --file: a header that the gateway would send, "x-topic: order.created"',
      headerLines,
      [],
    )
    .option('--replay <source/event-id>', 'send the stored body of this event again')
    .option('--to <url>', 'with --file or --replay: the webhook URL of another Kait', httpUrl)
    .option('--secret-env <variable>', 'sign with the secret in this variable: the other Kait’s')
    .option('--yes', 'do not ask before sending something that starts runs')
    .option('--force', 'also send what the preset cannot read')
    .action(async (source: string | undefined, type: string | undefined, options: SendOptions) => {
      const { runSend } = await import('./commands/send.ts');
      const { confirmInTerminal, readInput } = await import('./terminal.ts');
      const deps = { print, confirm: confirmInTerminal(), read: readInput };
      outcome.exitCode = await runSend(loadConfig(), { source, type, options }, deps);
    });
  program
    .command('simulate <file>')
    .description('run a definition on a virtual clock, without a server')
    .option('--event <file>', 'a file with the event, whole or in part; Kait fills in the rest')
    .option('--sample <gateway/sample>', 'use a gateway’s sample as the event: stripe/payment_intent.succeeded')
    .option('--events <file>', 'a file with what happens during the run: events, answers, cancellation')
    .option('--mocks <file>', 'a file with what activities return, by step')
    .option('--json', 'print the whole trace as JSON')
    .action(async (file: string, options: SimulateOptions) => {
      const { runSimulate } = await import('./commands/simulate.ts');
      outcome.exitCode = await runSimulate(file, options, loadConfig().definitions, print);
    });
  program
    .command('test [paths...]')
    .description(
      'run the tests of workflow definitions, show which branches they miss, and run the tests of activities',
    )
    .option('--watch', 'run the tests again after each change')
    .option(
      '--min-coverage <percent>',
      'fail if a definition’s tests cover a smaller percentage of its branches',
      percentage,
      0,
    )
    .action(async (paths: string[], { watch, minCoverage }: { watch?: boolean; minCoverage: number }) => {
      const { runTests, testsFolderOf, watchTests } = await import('./commands/test.ts');
      const given = paths.length === 0 ? [testsFolderOf(loadConfig().definitions)] : paths;
      if (watch === true) await untilStopped(() => watchTests(given, { minCoverage }, print));
      else outcome.exitCode = await runTests(given, { minCoverage }, print);
      if (watch === true || paths.length > 0) return;
      const { runActivityTests } = await import('./activities/run-activity-tests.ts');
      const code = await runActivityTests(loadConfig().definitions, print);
      outcome.exitCode = Math.max(outcome.exitCode, code ?? 0);
    });
}
