import { Command, CommanderError } from 'commander';
import pc from 'picocolors';
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
  try {
    await program.parseAsync(argv);
    return outcome.exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode;
    process.stderr.write(`${explain(error)}\n`);
    return 1;
  }
}

/** The code and message of a deliberate error, or the stack of a bug. */
function explain(error: unknown): string {
  if (error instanceof KaitError) return `${pc.red(error.code)}: ${error.message}`;
  const shown = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `${pc.red('Unexpected error')}: ${shown}`;
}
