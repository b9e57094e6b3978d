/**
 * Text that is safe to print to a terminal, whoever wrote it. Tabs and line breaks become blanks, all other control, formatting
 * and bidirectional characters U+FFFD, so that they are seen and not acted on. Keeps the length, so that columns stay true.
 */
export function printable(text: string): string {
  return text
    .replaceAll(/[\t\n\r\p{Zl}\p{Zp}]/gu, ' ')
    .replaceAll(/[\p{Cc}\p{Cf}]/gu, (character) => '\uFFFD'.repeat(character.length));
}
