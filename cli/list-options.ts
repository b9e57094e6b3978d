import { Option, type Command } from 'commander';
import { pastInstant, wholeNumber } from './option-parsers.ts';

/** A time in the past, or how long ago. */
export const past = pastInstant(() => Date.now());

/** How many of `what`. */
export const limitOption = (what: string) =>
  new Option('--limit <n>', `how many ${what} to show, at most 500`).argParser(wholeNumber(1, 500)).default(20);

/** What every long list takes. */
export function asList(command: Command, what: string): Command {
  return command
    .addOption(limitOption(what))
    .option('--cursor <cursor>', 'go on where an earlier list has ended')
    .option('--utc', 'times in UTC')
    .option('--json', 'as the API answers it');
}

/** For what the audit keeps. */
export const whyOption = () => new Option('--reason <text>', 'why, for the audit').makeOptionMandatory();
