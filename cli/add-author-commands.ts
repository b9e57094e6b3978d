import { text } from 'node:stream/consumers';
import { InvalidArgumentError, type Command } from 'commander';
import { loadConfig } from '../config.ts';
import { diff } from './commands/diff.ts';
import { explain } from './commands/explain.ts';
import { fmt } from './commands/fmt.ts';
import { graph } from './commands/graph.ts';
import { runSend } from './commands/send.ts';
import { runSimulate, type SimulateOptions } from './commands/simulate.ts';
import { runTests, testsFolderOf, watchTests } from './commands/test.ts';
import { validate } from './commands/validate.ts';
import { untilStopped } from './compose/until-stopped.ts';
import { print } from './terminal.ts';
import { runVectors } from './commands/vectors.ts';

/** Commands for who writes definitions. All but `send` need no running Kait. */
export function addAuthorCommands(program: Command, outcome: { exitCode: number }): void {
  addReadingCommands(program, outcome);
  addTryingCommands(program, outcome);
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

/** Those that look at the text of definitions. */
function addReadingCommands(program: Command, outcome: { exitCode: number }): void {
  program
    .command('validate [paths...]')
    .description('check workflow definitions')
    .option('--json', 'write all findings as JSON')
    .action(async (paths: string[], { json = false }: { json?: boolean }) => {
      outcome.exitCode = await validate({ paths, json, definitions: loadConfig().definitions }, print);
    });
  program
    .command('fmt [paths...]')
    .description('lay workflow definitions and their tests out; - reads standard input')
    .option('--check', 'write nothing; the exit code says whether all are formatted')
    .action(async (paths: string[], { check = false }: { check?: boolean }) => {
      const { definitions } = loadConfig();
      outcome.exitCode = await fmt({ paths, check, definitions, readInput: () => text(process.stdin) }, print);
    });
  program
    .command('diff <before> <after>')
    .description('what is different between two definitions; the exit code is 0 where nothing is')
    .action(async (before: string, after: string) => {
      outcome.exitCode = await diff({ before, after }, print);
    });
  program
    .command('graph <file>')
    .description('a definition as a Mermaid flowchart')
    .action(async (file: string) => {
      outcome.exitCode = await graph(file, print);
    });
  program
    .command('explain <file>')
    .description('what a definition will do: steps, compensation, size in Temporal, longest duration')
    .option('--json', 'write it as JSON')
    .action(async (file: string, { json = false }: { json?: boolean }) => {
      outcome.exitCode = await explain({ file, json }, print);
    });
}

/** Those that run a definition, or let one run. */
function addTryingCommands(program: Command, outcome: { exitCode: number }): void {
  program
    .command('send <source> <type>')
    .description('sign a sample as the gateway would and post it')
    .option('--set <path=value...>', 'change the sample: data.object.amount=5000')
    .action(async (source: string, type: string, options: { set?: string[] }) => {
      outcome.exitCode = await runSend(loadConfig(), { source, type, changes: options.set ?? [] }, print);
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
}

function numberOf(text: string): number {
  const number = Number(text);
  if (text.trim() === '' || Number.isNaN(number)) throw new InvalidArgumentError('Expected a number.');
  return number;
}
