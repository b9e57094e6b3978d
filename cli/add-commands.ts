import { setTimeout as pause } from 'node:timers/promises';
import { Option, type Command } from 'commander';
import { loadConfig } from '../config.ts';
import { KaitError } from '../errors.ts';
import { listedStates } from '../language/run-standing.ts';
import { addAuthorCommands } from './add-author-commands.ts';
import { addDeliveryCommands } from './add-delivery-commands.ts';
import { addEndpointCommands } from './add-endpoint-commands.ts';
import { addSourceCommands } from './add-source-commands.ts';
import type { ApiClient } from './api-client.ts';
import type { EventsOptions } from './commands/events.ts';
import type { AddKeyOptions } from './commands/keys.ts';
import type { ListenOptions } from './commands/listen.ts';
import type { PublishOptions } from './commands/publish.ts';
import type { WhatIfOptions } from './commands/what-if.ts';
import type { StartRunOptions } from './commands/runs/start.ts';
import type { MigrateOptions } from './commands/runs/migrate.ts';
import type { WatchRunOptions } from './commands/runs/watch.ts';
import type { ShowRunOptions } from './commands/runs/show.ts';
import type { RetryOptions } from './commands/runs/retry.ts';
import type { ReplayOptions } from './commands/replay-event.ts';
import type { RereadOptions } from './commands/reread.ts';
import type { RunsOptions } from './commands/runs/list.ts';
import { withFacts } from './fact-options.ts';
import { asList, limitOption, past, whyOption } from './list-options.ts';
import { reasonNames } from '../server/receiver/rejection-hints.ts';
import { oneOf, futureInstant, pastInstant, wholeNumber } from './option-parsers.ts';
import { print, writeLine } from './terminal.ts';

/** Every command of `kait`. Each hands its work to a file of `commands/`, which is loaded then: most commands need few of the libraries. */
export function addCommands(program: Command, outcome: { exitCode: number }): void {
  addProcesses(program, outcome);
  addOperatorCommands(program, outcome);
  addEndpointCommands(program, openApi, outcome);
  addEventTypes(program, outcome);
  addKeyCommands(program);
  addConsoleCommands(program);
  addSourceCommands(program, outcome);
  addAuthorCommands(program, outcome);
}

const streamsHelp =
  '\nResults go to standard output. Progress and the log go to standard error, as JSON unless it is a terminal.';

interface Strict {
  strict?: boolean;
}

const strictOption = () =>
  new Option('--strict', 'do not start if a definition, preset, source or mail template has a mistake');

function addProcesses(program: Command, outcome: { exitCode: number }): void {
  program
    .command('up')
    .description('run everything in one process: receiver, worker, embedded Temporal and database')
    .addOption(strictOption())
    .addHelpText('after', streamsHelp)
    .action(async (options: Strict) => (await import('./commands/up.ts')).runUp(loadConfig(), options));
  program
    .command('dev')
    .description('like up, but picks up your changes, and shows each webhook, run and delivery as a line')
    .addHelpText('after', '\nThe log goes to dev.log in KAIT_HOME.')
    .action(async () => (await import('./commands/dev.ts')).runDev(loadConfig()));
  program
    .command('server')
    .description('run the receiver, the dispatcher and the HTTP API, for production')
    .addOption(strictOption())
    .addHelpText('after', streamsHelp)
    .action(async (options: Strict) => (await import('./commands/server.ts')).runServer(loadConfig(), options));
  program
    .command('worker')
    .description('run workflows and activities, for production')
    .addOption(strictOption())
    .addHelpText('after', streamsHelp)
    .action(async (options: Strict) => (await import('./commands/worker.ts')).runWorker(loadConfig(), options));
  program
    .command('temporal')
    .argument('[args...]', 'arguments of the Temporal CLI: workflow list --query …')
    .helpOption(false)
    .description('run the Temporal CLI against this Kait’s Temporal server, with any arguments')
    .addHelpText('after', '\nFor the Temporal CLI’s own help: kait temporal --help')
    .action(() => {
      throw new Error('The entry point runs it before anything is parsed');
    });
  program
    .command('migrate')
    .description(
      'apply the SQL files of the migrations folder to the database; "up" and "dev" do it for an embedded one',
    )
    .option('--list', 'only show what was applied and what is pending')
    .action(async (options: { list?: boolean }) => {
      const note = (line: string) => void process.stderr.write(`${line}\n`);
      await (await import('./commands/migrate.ts')).runMigrate(loadConfig(), options, { print, note });
    });
  program
    .command('copy-database')
    .description('copy the embedded database of a stopped "kait up" into the empty database in DATABASE_URL')
    .action(async () => (await import('./commands/copy-database.ts')).runCopyDatabase(loadConfig(), print));
  program
    .command('demo')
    .description('run everything, send sample webhooks through it, and show what happens')
    .option('--once', 'exit afterwards; the exit code is 0 if everything happened exactly once')
    .addHelpText(
      'after',
      '\nThe report goes to standard output, progress to standard error, and the log to kait.log in KAIT_HOME.',
    )
    .action(async (options: { once?: boolean }) => {
      const { runDemo } = await import('./demo/run-demo.ts');
      outcome.exitCode = await runDemo(loadConfig(), { once: options.once === true });
    });
}

const eventStates = ['pending', 'waiting', 'queued', 'dispatched', 'ignored', 'failed', 'unreadable'];

function addOperatorCommands(program: Command, outcome: { exitCode: number }): void {
  const events = program.command('events').description('show received events, read them again, and replay them');
  asList(withFacts(events.command('list', { isDefault: true })), 'events')
    .description('show the newest events, or those about an order, a payment, a customer or an amount')
    .addOption(new Option('--state <state>', 'only events in this state').choices(eventStates))
    .option('--source <name>', 'only events of this source')
    .action(
      asking(async (api, options: EventsOptions) => (await import('./commands/events.ts')).showEvents(api, options)),
    );
  events
    .command('show <source> <event-id>')
    .description('show an event, what happened to it, and what the gateway sent')
    .option('--json', 'as JSON, with the whole body')
    .option('--raw', 'the first bytes of a body that cannot be read, unredacted')
    .action(
      asking(async (api, source: string, eventId: string, options: { json?: boolean; raw?: boolean }) =>
        (await import('./commands/show-event.ts')).showEvent(api, source, eventId, options),
      ),
    );
  events
    .command('replay <source> <event-id>')
    .description('offer an event to the definitions again; those that have a run for it start no other')
    .option('--again', 'run it again although it has a run, and repeat all effects; needs --reason')
    .option('--reason <text>', 'why it must run again, for the audit')
    .option('--definition <name>', 'with --again: only the run of this definition')
    .action(
      asking(async (api, source: string, eventId: string, options: ReplayOptions) =>
        (await import('./commands/replay-event.ts')).replayEvent(api, source, eventId, options),
      ),
    );
  addReread(events);
  program
    .command('rejections')
    .description('show rejected requests, why they were rejected, and what to do')
    .addOption(limitOption('samples'))
    .option('--source <name>', 'only rejections of this source, or "unknown"')
    .option('--reason <reason>', 'only rejections for this reason', oneOf(reasonNames))
    .action(
      asking(async (api, options: { limit: number }) =>
        (await import('./commands/rejections.ts')).showRejections(api, options),
      ),
    );
  const runs = program.command('runs').description('show, steer and retry runs');
  runs
    .command('show <run>')
    .description('show everything about a run, by its id, event or order, and the commands for it')
    .option('--utc', 'times in UTC')
    .option('--json', 'as the API answers it')
    .action(
      asking(async (api, run: string, options: ShowRunOptions) =>
        (await import('./commands/runs/show.ts')).showRun(seenBy(api), run, options),
      ),
    );
  runs
    .command('watch <run>')
    .description('print what happens to a run until it ends; the exit code is 0 if it has completed')
    .option('--utc', 'times in UTC')
    .option('--json', 'one JSON object for each line')
    .action(async (run: string, options: WatchRunOptions) => {
      const { watchRun } = await import('./commands/runs/watch.ts');
      const note = (line: string) => void process.stderr.write(`${line}\n`);
      const deps = { write: writeLine, note, pause: (ms: number) => pause(ms) };
      outcome.exitCode = await watchRun({ ...deps, api: await openApi() }, run, options);
    });
  runs
    .command('explain <run> [step]')
    .description('explain the decisions of conditions, and why steps were skipped, failed or not reached')
    .option('--utc', 'times in UTC')
    .option('--json', 'the decisions as the API answers them')
    .action(
      asking(async (api, run: string, step: string | undefined, options: ShowRunOptions) =>
        (await import('./commands/runs/show.ts')).explainRuns(seenBy(api), { run, step }, options),
      ),
    );
  runs
    .command('retry [run] [step]')
    .description(
      'continue a run that is parked or has ended, or all that have failed, from where they stopped; or retry a step of an open run',
    )
    .option('--failed', 'all runs that have failed and were not retried')
    .option(
      '--definition <name>',
      'with --failed: only runs of this definition; "current": continue with the definition as it is served now (can be added to a name)',
      collected,
    )
    .option(
      '--since <duration>',
      'with --failed: only runs that have failed since then: 2026-11-25T01:00:00Z, 2h; default 24h',
      pastInstant(Date.now),
    )
    .addOption(
      new Option('--limit <n>', 'with --failed: the most runs to retry')
        .argParser(wholeNumber(1, 10_000))
        .default(1_000),
    )
    .option('--dry-run', 'only show which runs, from which step, what is kept and what is repeated')
    .addOption(
      new Option('--undo-failed <what>', 'what to assume about effects whose undo failed').choices([
        'stands',
        'undone',
      ]),
    )
    .option('--all', 'if a run is parked at several steps: all of them')
    .option('--reason <text>', 'why, for the audit')
    .action(
      asking(async (api, run: string | undefined, step: string | undefined, options: RetryOptions) =>
        (await import('./commands/runs/retry.ts')).retryRuns(api, { run, step }, options, Date.now()),
      ),
    );
  runs
    .command('migrate [run...]')
    .description('give runs that wait, are paused or are parked their definition as it is served now')
    .option('--definition <name>', 'all runs under way of this definition')
    .option(
      '--since <duration>',
      'with --definition: only runs that have started since then: 2026-11-25T01:00:00Z, 2h',
      pastInstant(Date.now),
    )
    .addOption(
      new Option('--limit <n>', 'with --definition: the most runs to migrate')
        .argParser(wholeNumber(1, 100_000))
        .default(10_000),
    )
    .option('--dry-run', 'only show which runs would take it, which would not and why, and what is different')
    .option('--reason <text>', 'why, for the audit')
    .action(
      asking(async (api, given: string[], options: MigrateOptions) =>
        (await import('./commands/runs/migrate.ts')).migrateRuns(api, given, options),
      ),
    );
  addRunCommands(runs);
  asList(withFacts(runs.command('list', { isDefault: true })), 'runs')
    .description('show the newest runs, those in a state, or those about an order, a payment, a customer or an amount')
    .option('--definition <name>', 'of this definition')
    .option('--source <name>', 'of events of this source')
    .option('--since <time>', 'only runs started since then: 2026-11-25T01:00:00Z, or 2h for two hours ago', past)
    .addOption(new Option('--state <state>', 'only runs in this state, including child runs').choices(listedStates))
    .option('--step <id>', 'only runs that wait or are parked at this step; with --failed: that failed there')
    .option('--failed', 'only runs that have failed and were not retried: --state failed')
    .action(
      asking(async (api, options: RunsOptions) => (await import('./commands/runs/list.ts')).showRuns(api, options)),
    );
  program
    .command('find <text>')
    .description(
      'show the events, runs, approvals, deliveries and mails that mention an order, a customer, an amount or an id',
    )
    .option('--utc', 'times in UTC')
    .option('--json', 'as the API answers it')
    .action(
      asking(async (api, text: string, options: { utc?: boolean; json?: boolean }) =>
        (await import('./commands/find.ts')).findText(api, text, options),
      ),
    );
  runs
    .command('start <definition>')
    .description('start a run of a definition with "on": {"manual": …}')
    .option('--input <JSON or file>', 'the input, as the definition describes it', '{}')
    .option('--key <key>', 'start only one run for this key, however often the command is repeated')
    .requiredOption('--reason <text>', 'why, for the audit')
    .action(
      asking(async (api, definition: string, options: StartRunOptions) =>
        (await import('./commands/runs/start.ts')).startRun(api, definition, options),
      ),
    );
  addWhatIf(program, outcome);
  addSchedules(program);
  addApprovals(program);
  addDeliveryCommands(program, asking);
  program
    .command('publish')
    .description('publish the definitions folder to servers and workers with KAIT_DEFINITIONS_FROM=published')
    .option('--note <text>', 'what has changed and why; kept with the set')
    .option('--list', 'only show the published sets')
    .option('--rollback <id>', 'publish an earlier set again', wholeNumber(1, 999_999_999))
    .option(
      '--from <id>',
      'the set that it replaces; refused if another one is the newest by now. 0: the first set',
      wholeNumber(0, 999_999_999),
    )
    .option('--force', 'publish even if open runs could not continue')
    .action(async (options: PublishOptions) => {
      const { definitions } = loadConfig();
      const { publish, publishAnswerMs } = await import('./commands/publish.ts');
      const { loadServedDefinitions } = await import('./compose/load-served-definitions.ts');
      const { whoAmI } = await import('./who-am-i.ts');
      const check = () => loadServedDefinitions({ definitions }, 'sources');
      const activities = async () => {
        const { openActivities } = await import('./activities/open-activities.ts');
        const { describeActivities } = await import('./publish/set-activities.ts');
        return describeActivities(definitions, await openActivities(definitions, 'sources'), 'sources');
      };
      const deps = {
        api: await openApi({ timeoutMs: publishAnswerMs }),
        folder: definitions,
        check,
        activities,
        author: whoAmI(),
      };
      print(await publish(deps, options));
    });
  program
    .command('listen')
    .description('show each webhook, run and delivery of a running Kait as it happens, one per line')
    .option('--source <name>', 'only webhooks and runs of this source')
    .option('--type <type>', 'only events of this type, and outbound webhooks of this type')
    .option('--workflow <name>', 'only runs of this workflow, and their outbound webhooks')
    .option('--json', 'one JSON object for each line')
    .action(async (options: ListenOptions) => {
      const { listen } = await import('./commands/listen.ts');
      const note = (line: string) => void process.stderr.write(`${line}\n`);
      const deps = { write: writeLine, note, pause: (ms: number) => pause(ms) };
      await listen({ ...deps, api: await openApi() }, options);
    });
  program
    .command('status')
    .description('show Kait’s health, what is stuck, and all addresses')
    .option('--json', 'as the API answers it')
    .option('--check', 'for scripts: the exit code is 1 if something needs a person, and 2 if Kait cannot be reached')
    .action(async ({ json, check }: { json?: boolean; check?: boolean }) => {
      const { showStatus } = await import('./commands/status.ts');
      const show = async () => showStatus(await openApi(), { json: json === true });
      const shown = check === true ? await show().catch(notAsked) : await show();
      print(shown.text);
      if (check === true) outcome.exitCode = shown.healthy === null ? 2 : shown.healthy ? 0 : 1;
    });
}

/** For `kait status --check`: that nobody answered is an answer, too. */
function notAsked(error: unknown): { text: string; healthy: null } {
  if (!(error instanceof KaitError)) throw error;
  return { text: error.message, healthy: null };
}

/** A terminal of unknown width takes long lines. */
const seenBy = (api: ApiClient) => ({ api, width: process.stdout.columns || 120, nowMs: Date.now() });

function addRunCommands(runs: Command): void {
  addAnswers(runs);
  for (const [verb, description] of [
    ['pause', 'pause a run: no further step begins'],
    ['resume', 'let a paused run continue'],
    ['cancel', 'cancel a run: it undoes what it did, as its definition says'],
    ['terminate', 'terminate a run: nothing is undone'],
  ] as const) {
    runs
      .command(`${verb} <run>`)
      .description(description)
      .addOption(whyOption())
      .action(
        asking(async (api, run: string, { reason }: { reason: string }) =>
          (await import('./commands/runs/command.ts')).commandRun(api, verb, run, reason),
        ),
      );
  }
  runs
    .command('skip <run> <step>')
    .description('skip a step that is parked, between two attempts, or waiting')
    .addOption(whyOption())
    .action(
      asking(async (api, run: string, step: string, { reason }: { reason: string }) =>
        (await import('./commands/runs/command.ts')).commandStep(api, 'skip', { run, step, reason }),
      ),
    );
  runs
    .command('set-result <run> <step>')
    .description(
      'set the result of a step that is parked, between two attempts, or waiting; the step then counts as done',
    )
    .requiredOption('--result <JSON or file>', "the step's output")
    .addOption(whyOption())
    .action(
      asking(async (api, run: string, step: string, options: { result: string; reason: string }) =>
        (await import('./commands/runs/command.ts')).setResult(api, { run, step, ...options }),
      ),
    );
  runs
    .command('edit-input <run> <step>')
    .description('retry a step that is parked or between two attempts, with another input')
    .requiredOption(
      '--input <JSON or file>',
      'the whole input; secrets only in the places where the definition has them',
    )
    .addOption(whyOption())
    .action(
      asking(async (api, run: string, step: string, options: { input: string; reason: string }) =>
        (await import('./commands/runs/command.ts')).editInput(api, { run, step, ...options }),
      ),
    );
}

function addApprovals(program: Command): void {
  const turns = program.command('turns').description('show keys that runs wait for, and free them');
  turns
    .command('list', { isDefault: true })
    .description('show the keys that runs wait for, and those that a failed run keeps')
    .addOption(limitOption('keys'))
    .option('--all', 'every key that a run has')
    .option('--definition <name>', 'of this definition')
    .action(
      asking(async (api, options: { limit: number; all?: boolean; definition?: string }) =>
        (await import('./commands/turns.ts')).showTurns(api, options),
      ),
    );
  turns
    .command('free <definition> <key>')
    .description('take a key from the run that has it, so that the next one goes on')
    .requiredOption('--reason <text>', 'why')
    .action(
      asking(async (api, definition: string, key: string, options: { reason: string }) =>
        (await import('./commands/turns.ts')).freeTurn(api, definition, key, options),
      ),
    );
  const approvals = program.command('approvals').description('show what people were asked, and who answered what');
  approvals
    .command('list', { isDefault: true })
    .description('show the questions that wait for an answer')
    .addOption(limitOption('questions'))
    .option('--all', 'also those that are settled, the newest first')
    .action(
      asking(async (api, options: { limit: number; all?: boolean }) =>
        (await import('./commands/approvals.ts')).showApprovals(api, options),
      ),
    );
  approvals
    .command('show <run> [step]')
    .description('show a question, and who answered it when, why and from where')
    .action(
      asking(async (api, run: string, step: string | undefined) =>
        (await import('./commands/approvals.ts')).showApproval(api, run, step),
      ),
    );
  addAnswers(program);
}

/** `kait approve` is `kait runs approve`. */
function addAnswers(parent: Command): void {
  for (const [name, approved] of [
    ['approve', true],
    ['reject', false],
  ] as const) {
    parent
      .command(`${name} <run> [step]`)
      .description(`${name} what a run asks; "approvals" lists the open questions`)
      .requiredOption('--by <person>', 'who answers: an id in definitions/people.json, or a name if anybody may answer')
      .option('--reason <text>', 'why')
      .action(
        asking(async (api, run: string, step: string | undefined, options: { by: string; reason?: string }) =>
          (await import('./commands/approvals.ts')).answerApproval(api, run, step, { ...options, approved }),
        ),
      );
  }
}

function addReread(events: Command): void {
  events
    .command('reread [source] [event-id]')
    .description('read stored bodies again after a preset was fixed, and show what would change')
    .option('--source <name>', 'events of this source')
    .option(
      '--since <time>',
      'only events that arrived since then: 2026-11-25T01:00:00Z, or 3d for three days ago',
      past,
    )
    .option('--until <time>', 'only events that arrived before then', past)
    .addOption(
      new Option('--state <states...>', 'only events in these states; default: unreadable, ignored and failed').choices(
        eventStates,
      ),
    )
    .option('--apply', 'write the changes, and start the runs')
    .option('--json', 'one JSON object for each event that reads differently')
    .action(async (source: string | undefined, eventId: string | undefined, options: RereadOptions) => {
      const given = { ...options, source: source ?? options.source, eventId };
      const progress = (line: string) => void process.stderr.write(`${line}\n`);
      const { rereadEvents } = await import('./commands/reread.ts');
      await rereadEvents(await openApi(), given, { print, progress });
    });
}

function addKeyCommands(program: Command): void {
  const keys = program.command('keys').description('manage the keys of the HTTP API');
  keys
    .command('list', { isDefault: true })
    .description('show the keys, without their secrets')
    .addOption(limitOption('keys'))
    .action(
      asking(async (api, options: { limit: number }) =>
        (await import('./commands/keys.ts')).showKeys(api, options, new Date()),
      ),
    );
  keys
    .command('add <name>')
    .description('make a key, and show its secret once')
    .addOption(
      new Option('--scope <scope>', 'read: look; operate: also change runs and events; admin: everything')
        .choices(['read', 'operate', 'admin'])
        .makeOptionMandatory(),
    )
    .option(
      '--expires <time>',
      'when it expires: 90d, or 2026-11-25T01:00:00Z',
      futureInstant(() => Date.now()),
    )
    .action(
      asking(async (api, name: string, options: AddKeyOptions) =>
        (await import('./commands/keys.ts')).addKey(api, name, options),
      ),
    );
  keys
    .command('revoke <id>')
    .description('make a key invalid on all servers')
    .action(asking(async (api, id: string) => (await import('./commands/keys.ts')).revokeKey(api, id)));
}

function addConsoleCommands(program: Command): void {
  program
    .command('console')
    .description('make a link that logs in to the console once')
    .action(asking(async (api) => (await import('./commands/console.ts')).makeLoginLink(api)));
  const sessions = program.command('sessions').description('show who is logged in to the console, and end sessions');
  sessions
    .command('list', { isDefault: true })
    .description('show who is logged in')
    .addOption(limitOption('sessions'))
    .action(
      asking(async (api, options: { limit: number }) =>
        (await import('./commands/sessions.ts')).showSessions(api, options),
      ),
    );
  sessions
    .command('end <id>')
    .description('log somebody out, on all servers')
    .action(asking(async (api, id: string) => (await import('./commands/sessions.ts')).endSession(api, id)));
}

/** Builds the action of a command that asks the running Kait and prints the answer. */
function asking<Arguments extends unknown[]>(ask: (api: ApiClient, ...args: Arguments) => Promise<string>) {
  return async (...args: Arguments) => {
    print(await ask(await openApi(), ...args));
  };
}

async function openApi(options: { timeoutMs?: number } = {}): Promise<ApiClient> {
  const { home, admin } = loadConfig();
  const { findApi } = await import('./api-client.ts');
  const configured = admin.url === null || admin.token === null ? null : { url: admin.url, token: admin.token };
  return findApi(home, configured, options);
}

function addSchedules(program: Command): void {
  const schedules = program
    .command('schedules')
    .description('show when scheduled definitions run, pause them, or run one now');
  schedules
    .command('list', { isDefault: true })
    .description('show the schedules with their next and last time')
    .action(asking(async (api) => (await import('./commands/schedules.ts')).showSchedules(api)));
  for (const [verb, paused, description] of [
    ['pause', true, 'pause the schedule of a definition'],
    ['resume', false, 'resume the schedule of a definition'],
  ] as const) {
    schedules
      .command(`${verb} <definition>`)
      .description(description)
      .requiredOption('--reason <text>', 'why, for the audit')
      .action(
        asking(async (api, definition: string, { reason }: { reason: string }) =>
          (await import('./commands/schedules.ts')).setSchedulePaused(api, definition, { paused, reason }),
        ),
      );
  }
  schedules
    .command('run <definition>')
    .description('start a run of a scheduled definition now')
    .requiredOption('--reason <text>', 'why, for the audit')
    .action(
      asking(async (api, definition: string, options: { reason: string }) =>
        (await import('./commands/schedules.ts')).runSchedule(api, definition, options),
      ),
    );
}

function addEventTypes(program: Command, outcome: { exitCode: number }): void {
  const types = program
    .command('event-types')
    .description('show the types of your outbound webhooks, and document them for receivers');
  types
    .command('list', { isDefault: true })
    .description('show the types that are described')
    .option('--json', 'print JSON')
    .action(async (options: { json?: boolean }) => {
      print(await (await import('./commands/event-types.ts')).listEventTypes(loadConfig().definitions, options));
    });
  types
    .command('show <type>')
    .description('show a type as receivers see it')
    .option('--json', 'print JSON, with the schema')
    .action(async (type: string, options: { json?: boolean }) => {
      print(await (await import('./commands/event-types.ts')).showEventType(loadConfig().definitions, type, options));
    });
  types
    .command('docs')
    .description('write a page, Markdown, AsyncAPI and OpenAPI for receivers')
    .option('--out <folder>', 'where to', 'event-types-docs')
    .action(async ({ out }: { out: string }) => {
      const { definitions, outbound } = loadConfig();
      const { writeEventDocs } = await import('./commands/event-types.ts');
      print(await writeEventDocs(definitions, { out, scheduleMs: outbound.scheduleMs }));
    });
  types
    .command('diff <before> [after]')
    .description('show what changes for receivers; the exit code is 1 if something breaks them')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nEach is a definitions folder, a git commit, "served" (by the running Kait) or "published:<set>". The default of the second is the definitions folder.',
    )
    .action(async (before: string, after: string | undefined, { json = false }: { json?: boolean }) => {
      const { definitions } = loadConfig();
      const { diffTypes } = await import('./commands/event-types.ts');
      const deps = { definitions, api: () => openApi() };
      outcome.exitCode = await diffTypes({ before, after: after ?? definitions, json }, deps, print);
    });
}

function addWhatIf(program: Command, outcome: { exitCode: number }): void {
  program
    .command('what-if <file>')
    .description(
      'show for which stored events a draft of a definition would decide differently; changes and sends nothing',
    )
    .option(
      '--since <time>',
      'only events that arrived since then: 30m, 12h, 7d, or a time',
      pastInstant(() => Date.now()),
      '7d',
    )
    .option('--source <name>', 'only events of this source')
    .option('--limit <n>', 'the most events to look at, newest first', wholeNumber(1, 1_000_000), 10_000)
    .option('--json', 'as JSON')
    .action(async (file: string, { since, ...options }: WhatIfOptions) => {
      const { whatIf } = await import('./commands/what-if.ts');
      const note = (line: string) => void process.stderr.write(`${line}\n`);
      const given = { ...options, since: pastInstant(() => Date.now())(since) };
      outcome.exitCode = await whatIf(file, given, { api: await openApi(), write: print, note });
    });
}

/** Collects the values of an option that takes several. */
function collected(value: string, previous: string[] | undefined): string[] {
  return [...(previous ?? []), value];
}
