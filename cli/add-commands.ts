import type { Command } from 'commander';
import { loadConfig, type Config } from '../config.ts';
import { addAuthorCommands } from './add-author-commands.ts';
import { addSourceCommands } from './add-source-commands.ts';
import { findAdmin, type AdminClient } from './admin-client.ts';
import { addEndpoint, removeEndpoint, showEndpoints } from './commands/endpoints.ts';
import { redispatchEvent, showEvent, showEvents } from './commands/events.ts';
import { showRejections } from './commands/rejections.ts';
import { showDeliveries, showRuns } from './commands/runs.ts';
import { print } from './terminal.ts';

/** Every command of `kait`; each hands its work to a file of `commands/`. */
export function addCommands(program: Command, outcome: { exitCode: number }): void {
  addProcesses(program, outcome);
  addOperatorCommands(program);
  addSourceCommands(program, outcome);
  addAuthorCommands(program, outcome);
}

/** Temporal's libraries are loaded by the commands that need them: the others answer in half the time. */
function addProcesses(program: Command, outcome: { exitCode: number }): void {
  program
    .command('up')
    .description('run everything in one process: receiver, worker, embedded Temporal and database')
    .action(async () => (await import('./commands/up.ts')).runUp(loadConfig()));
  program
    .command('server')
    .description('run the receiver and the dispatcher, for production')
    .action(async () => (await import('./commands/server.ts')).runServer(loadConfig()));
  program
    .command('worker')
    .description('run the worker, for production')
    .action(async () => (await import('./commands/worker.ts')).runWorker(loadConfig()));
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
    .command('rejections')
    .description('requests that were not accepted, why, and what to do')
    .option('--limit <n>', 'how many of the sample', '20')
    .option('--source <name>', 'of one source, or unknown')
    .option('--reason <reason>', 'for one reason')
    .action(asking((admin, options: { limit: string }) => showRejections(admin, options)));
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
