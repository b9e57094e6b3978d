import { printable } from '../../language/printable.ts';

/** Narrower than this, wrapping would make text unreadable. */
const narrowest = 40;

/**
 * Makes text that may come from strangers safe to print, and breaks it into lines of at most `width` characters. The first line follows `lead`,
 * the others are indented as far.
 */
export function wrapped(lead: string, text: string, width: number): string[] {
  const most = Math.max(narrowest, width - lead.length);
  const lines = broken(printable(text), most);
  const indent = ' '.repeat(lead.length);
  return lines.map((line, index) => (index === 0 ? lead : indent) + line);
}

/** Breaks at blanks, and words that are too long anywhere. */
function broken(text: string, most: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > most) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
    while (line.length > most) {
      lines.push(line.slice(0, most));
      line = line.slice(most);
    }
  }
  return [...lines, line];
}
