import { Command, CommanderError } from 'commander';
import pc from 'picocolors';
import { loadConfig } from '../config.ts';
import { describeError, withoutSecrets, type LoggedError } from '../describe-error.ts';
import { KaitError } from '../errors.ts';
import { addCommands } from './add-commands.ts';
import { version } from './version.ts';

/** Runs the command line; resolves to the exit code. */
export async function main(argv: string[]): Promise<number> {
  const program = new Command('kait')
    .description('Payment-gateway webhooks in, durable Temporal workflows out.')
    .version(version)
    .showHelpAfterError()
    .exitOverride();
  const outcome = { exitCode: 0 };
  addCommands(program, outcome);
  process.on('uncaughtException', endAfter);
  try {
    // Nothing of this is Kait's to read: not `--help`, `--version` or `--`.
    if (argv[2] === 'temporal') return await temporal(argv.slice(3));
    await program.parseAsync(argv);
    return outcome.exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode;
    process.stderr.write(`${explain(error)}\n`);
    return 1;
  } finally {
    process.off('uncaughtException', endAfter);
  }
}

async function temporal(args: string[]): Promise<number> {
  const { runTemporal } = await import('./commands/temporal.ts');
  return runTemporal(loadConfig(), args);
}

/** Also for rejections that nobody handles. Node itself would print all members of the error, such as a statement's values. */
function endAfter(error: unknown): void {
  process.stderr.write(`${explain(error)}\n`);
  process.exit(1);
}

/** The code and message of a deliberate error, or what is safe to show of a bug. */
function explain(error: unknown): string {
  if (error instanceof KaitError) return `${pc.red(error.code)}: ${withoutSecrets(error.message)}`;
  return `${pc.red('Unexpected error')}: ${lines(describeError(error)).join('\n')}`;
}

function lines({ type, message, code, stack, cause }: LoggedError): string[] {
  const head = `${type}: ${message}${code === undefined ? '' : ` (${code})`}`;
  const below =
    cause === undefined ? [] : lines(cause).map((line, index) => (index === 0 ? `caused by ${line}` : line));
  return [head, ...(stack === undefined ? [] : [stack]), ...below];
}
