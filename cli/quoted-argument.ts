import { printable } from '../language/printable.ts';

/** An argument as a shell takes it: as it is if it is harmless, and otherwise in single quotes. */
export function quoted(argument: string): string {
  const shown = printable(argument);
  return /^[\w@%+=:,./-]+$/.test(shown) && !shown.startsWith('-') ? shown : `'${shown.replaceAll("'", `'\\''`)}'`;
}
