import { Command } from 'commander';
import { expect, it } from 'vitest';
import { addCommands } from '../../cli/add-commands.ts';

/** Parses a command line that is wrong; gives the usage error and the exit code. */
async function usageError(...args: string[]): Promise<{ text: string; exitCode: number }> {
  let text = '';
  const program = new Command('kait').exitOverride().configureOutput({ writeErr: (line) => (text += line) });
  addCommands(program, { exitCode: 0 });
  const exitCode = await program.parseAsync(args, { from: 'user' }).then(
    () => 0,
    (error: unknown) => (error as { exitCode: number }).exitCode,
  );
  return { text: text.trim(), exitCode };
}

const limits = 'Expected a whole number from 1 to 500.';
const webUrl = 'Expected an http or https URL, such as https://example.com/webhooks.';

it.each([
  ...['0', '-1', '501', '1.5', 'ten', '', '1e2'].map((limit) => [
    ['events', '--limit', limit],
    `error: option '--limit <n>' argument '${limit}' is invalid. ${limits}`,
  ]),
  [['runs', '--limit', 'x'], `error: option '--limit <n>' argument 'x' is invalid. ${limits}`],
  [['deliveries', '--limit', 'x'], `error: option '--limit <n>' argument 'x' is invalid. ${limits}`],
  [['rejections', '--limit', 'x'], `error: option '--limit <n>' argument 'x' is invalid. ${limits}`],
  [
    ['events', '--state', 'done'],
    "error: option '--state <state>' argument 'done' is invalid. Allowed choices are pending, waiting, queued, dispatched, ignored, failed, unreadable.",
  ],
  [
    ['rejections', '--reason', 'wrong-signatur'],
    `error: option '--reason <reason>' argument 'wrong-signatur' is invalid. Did you mean "wrong-signature"?`,
  ],
  [
    ['endpoints', 'add', 'ftp://a', '--events', '*'],
    `error: command-argument value 'ftp://a' is invalid for argument 'url'. ${webUrl}`,
  ],
  [['sources', 'test', 'shop', '--url', 'shop'], `error: option '--url <url>' argument 'shop' is invalid. ${webUrl}`],
  [
    ['sources', 'add', '--set', 'a=b', 'webhookId'],
    "error: option '--set <pairs...>' argument 'webhookId' is invalid. Expected name=value.",
  ],
  [
    ['send', 'stripe', 'x', '--set', '=5'],
    "error: option '--set <path=value...>' argument '=5' is invalid. Expected name=value.",
  ],
  ...['-1', '101', 'NaN', 'half', ''].map((percent) => [
    ['test', '--min-coverage', percent],
    `error: option '--min-coverage <percent>' argument '${percent}' is invalid. Expected a number from 0 to 100.`,
  ]),
  [['explain', 'a.json', 'b.json'], "error: too many arguments for 'explain'. Expected 1 argument but got 2."],
] as [string[], string][])('rejects kait %j', async (args, message) => {
  expect(await usageError(...args)).toEqual({ text: message, exitCode: 1 });
});
