import { text } from 'node:stream/consumers';
import { InvalidArgumentError, type Command } from 'commander';
import { loadConfig, type Config } from '../config.ts';
import { findAdmin, type AdminClient } from './admin-client.ts';
import { diff } from './commands/diff.ts';
import { addEndpoint, removeEndpoint, showEndpoints } from './commands/endpoints.ts';
import { redispatchEvent, showEvent, showEvents } from './commands/events.ts';
import { fmt } from './commands/fmt.ts';
import { showDeliveries, showRuns } from './commands/runs.ts';
import { runSend } from './commands/send.ts';
import { runServer } from './commands/server.ts';
import { runSimulate, type SimulateOptions } from './commands/simulate.ts';
import { runTests, testsFolderOf } from './commands/test.ts';
import { runUp } from './commands/up.ts';
import { validate } from './commands/validate.ts';
import { watchTests } from './commands/watch-tests.ts';
import { runWorker } from './commands/worker.ts';
import { untilStopped } from './compose/until-stopped.ts';
import { runVectors } from './vectors.ts';

const print = (text: string) => {
  process.stdout.write(`${text}\n`);
};

/** Every command of `kait`; each hands its work to a file of `commands/`. */
export function addCommands(program: Command, outcome: { exitCode: number }): void {
  addProcesses(program, outcome);
  addOperatorCommands(program);
  addAuthorCommands(program, outcome);
}

function addProcesses(program: Command, outcome: { exitCode: number }): void {
  program
    .command('up')
    .description('run everything in one process: receiver, worker, embedded Temporal and database')
    .action(() => runUp(loadConfig()));
  program
    .command('server')
    .description('run the receiver and the dispatcher, for production')
    .action(() => runServer(loadConfig()));
  program
    .command('worker')
    .description('run the worker, for production')
    .action(() => runWorker(loadConfig()));
  program
    .command('demo')
    .description('run everything and send sample webhooks through it')
    .option('--once', 'end after the samples; the exit code says whether all of it happened')
    .action(async (options: { once?: boolean }) => {
      // Its libraries are installed for development only.
      const { runDemo } = await import('./demo/run-demo.ts');
      outcome.exitCode = await runDemo(loadConfig(), { once: options.once === true });
    });
}

function addOperatorCommands(program: Command): void {
  const events = program.command('events').description('what was received');
  events
    .command('list', { isDefault: true })
    .description('the newest events')
    .option('--limit <n>', 'how many', '20')
    .option('--state <state>', 'pending, dispatched, ignored, failed or unreadable')
    .option('--source <name>', 'of one source')
    .action(asking((admin, options: { limit: string }) => showEvents(admin, options)));
  events
    .command('show <source> <event-id>')
    .description('one event with its envelope and its runs')
    .action(asking((admin, source: string, eventId: string) => showEvent(admin, source, eventId)));
  events
    .command('redispatch <source> <event-id>')
    .description('offer an event to the definitions once more')
    .action(asking((admin, source: string, eventId: string) => redispatchEvent(admin, source, eventId)));
  program
    .command('runs')
    .description('the newest runs')
    .option('--limit <n>', 'how many', '20')
    .action(asking((admin, options: { limit: string }) => showRuns(admin, options)));
  program
    .command('deliveries')
    .description('the newest outbound webhooks')
    .option('--limit <n>', 'how many', '20')
    .action(asking((admin, options: { limit: string }) => showDeliveries(admin, options)));
  program
    .command('status')
    .description('what runs where, and how many events wait')
    .action(asking(async (admin) => JSON.stringify(await admin.get('/v1/status'), null, 2)));
  const endpoints = program.command('endpoints').description('where outbound webhooks go');
  endpoints.command('list', { isDefault: true }).action(asking((admin) => showEndpoints(admin)));
  endpoints
    .command('add <url>')
    .description('subscribe a URL to outbound events')
    .requiredOption('--events <patterns...>', `event types: order.created, 'order.*' or '*'`)
    .action(asking((admin, url: string, options: { events: string[] }) => addEndpoint(admin, url, options)));
  endpoints.command('remove <id>').action(asking((admin, id: string) => removeEndpoint(admin, id)));
}

function addAuthorCommands(program: Command, outcome: { exitCode: number }): void {
  program
    .command('send <source> <type>')
    .description('sign a sample as the gateway would and post it')
    .option('--set <path=value...>', 'change the sample: data.object.amount=5000')
    .action(async (source: string, type: string, options: { set?: string[] }) => {
      outcome.exitCode = await runSend(loadConfig(), { source, type, changes: options.set ?? [] }, print);
    });
  program
    .command('validate [paths...]')
    .description('check workflow definitions')
    .action(async (paths: string[]) => {
      outcome.exitCode = (await validate(paths, loadConfig().definitions, print)) ? 0 : 1;
    });
  program
    .command('fmt [paths...]')
    .description('lay workflow definitions and their tests out; - reads standard input')
    .option('--check', 'write nothing; the exit code says whether all are formatted')
    .action(async (paths: string[], options: { check?: boolean }) => {
      const { definitions } = loadConfig();
      const check = options.check === true;
      outcome.exitCode = await fmt({ paths, check, definitions, readInput: () => text(process.stdin) }, print);
    });
  program
    .command('diff <before> <after>')
    .description('what is different between two definitions; the exit code is 0 where nothing is')
    .action(async (before: string, after: string) => {
      outcome.exitCode = await diff({ before, after }, print);
    });
  program
    .command('simulate <file>')
    .description('run a definition on a virtual clock, without a server')
    .option('--event <file>', 'the event, whole or in part; what is not given is filled in')
    .option('--sample <gateway/sample>', 'a sample of a gateway as the event: stripe/payment_intent.succeeded')
    .option('--events <file>', 'what reaches the run later: events, answers, cancellation')
    .option('--mocks <file>', 'what activities answer, by step')
    .option('--json', 'write the whole trace as JSON')
    .action(async (file: string, options: SimulateOptions) => {
      outcome.exitCode = await runSimulate(file, options, loadConfig().definitions, print);
    });
  program
    .command('test [paths...]')
    .description('run the tests beside workflow definitions, and show what they do not cover')
    .option('--watch', 'run them again after each change')
    .option('--min-coverage <percent>', 'fail below so many percent of the branches', numberOf, 0)
    .action(async (paths: string[], { watch, minCoverage }: { watch?: boolean; minCoverage: number }) => {
      const given = paths.length === 0 ? [testsFolderOf(loadConfig().definitions)] : paths;
      if (watch === true) await untilStopped(() => watchTests(given, { minCoverage }, print));
      else outcome.exitCode = await runTests(given, { minCoverage }, print);
    });
  program
    .command('vectors <file>')
    .description('check gateway presets against signed requests')
    .action(async (file: string) => {
      outcome.exitCode = await runVectors(file, print);
    });
  program
    .command('schemas')
    .description('write the JSON Schemas for editors')
    .action(async () => {
      const { writeSchemas } = await import('./commands/schemas.ts');
      await writeSchemas();
    });
}

function numberOf(text: string): number {
  const number = Number(text);
  if (text.trim() === '' || Number.isNaN(number)) throw new InvalidArgumentError('Expected a number.');
  return number;
}

/** A command that asks the running Kait and prints the answer. */
function asking<Arguments extends unknown[]>(ask: (admin: AdminClient, ...args: Arguments) => Promise<string>) {
  return async (...args: Arguments) => {
    print(await ask(await adminOf(loadConfig()), ...args));
  };
}

function adminOf(config: Config): Promise<AdminClient> {
  const { url, token } = config.admin;
  return findAdmin(config.home, url === null || token === null ? null : { url, token });
}
