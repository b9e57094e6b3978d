/** The JSON pointer (RFC 6901) of a member. */
export function childPointer(pointer: string, key: string): string {
  return `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

const longestPreview = 60;

/** A closed object or list in one line: `{ id, amount, … }`, `[3]`. */
export function preview(value: object): string {
  if (Array.isArray(value)) return `[${value.length}]`;
  const keys = Object.keys(value);
  let text = '';
  for (const key of keys) {
    const next = text === '' ? key : `${text}, ${key}`;
    if (next.length > longestPreview) return text === '' ? `{${keys.length}}` : `{ ${text}, … }`;
    text = next;
  }
  return `{ ${text} }`;
}
