/** A body as text if it is UTF-8 without control characters, or else its base64 as it is. */
export function bodyText(base64: string): { text: string; isText: boolean } {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    if (!isBinary(text)) return { text: indented(text), isText: true };
  } catch {
    // It is no UTF-8.
  }
  return { text: base64, isText: false };
}

/** Whether a text has control characters other than tabs and ends of lines. */
function isBinary(text: string): boolean {
  return /[^\P{Cc}\t\r\n]/u.test(text);
}

/** JSON on one line is hard to read. Numbers and the order of keys stay as they are, because only blanks between the tokens change. */
function indented(text: string): string {
  try {
    JSON.parse(text);
  } catch {
    return text;
  }
  if (text.trim().includes('\n')) return text;
  let depth = 0;
  let isQuoted = false;
  let result = '';
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (isQuoted) {
      result += character;
      if (character === '\\') result += text.charAt((at += 1));
      else if (character === '"') isQuoted = false;
      continue;
    }
    if (/\s/.test(character)) continue;
    if (character === '"') isQuoted = true;
    const next = /^\s*([}\]])/.exec(text.slice(at + 1, at + 40))?.[1];
    if ((character === '{' || character === '[') && next === undefined) {
      depth += 1;
      result += `${character}\n${'  '.repeat(depth)}`;
    } else if (character === ',') result += `,\n${'  '.repeat(depth)}`;
    else if ((character === '}' || character === ']') && !/[{[]$/.test(result)) {
      depth -= 1;
      result += `\n${'  '.repeat(depth)}${character}`;
    } else result += character === ':' ? ': ' : character;
  }
  return result;
}
