import { cutText } from './well-formed.ts';

/**
 * Makes untrusted text safe to print to a terminal. Tabs and line breaks become blanks; other control, formatting and
 * bidirectional characters and half characters become U+FFFD, visible and without effect. Keeps the length, so that columns stay true.
 */
export function printable(text: string): string {
  return text
    .replaceAll(/[\t\n\r\p{Zl}\p{Zp}]/gu, ' ')
    .replaceAll(/[\p{Cc}\p{Cf}\p{Cs}]/gu, (character) => '\uFFFD'.repeat(character.length));
}

/** Cuts text to at most `longest` characters, the last of which is then an ellipsis. Never cuts a character in half. */
export function shortened(text: string, longest: number): string {
  return text.length > longest ? `${cutText(text, longest - 1)}…` : text;
}
