/** One item, or the end of an array: `"a \"b\""`, `NULL`, `12`, `{`, `}`. */
const token = /"((?:[^"\\]|\\[\s\S])*)"|([^{},"]+)|([{},])/y;

/** Reads PostgreSQL's text of an array, `{1,NULL,{"a,b"}}`. Leaves bounds such as `[0:1]=` out. */
export function parseArray(text: string, parse: (item: string) => unknown): unknown[] {
  const root: unknown[] = [];
  let path = [root];
  token.lastIndex = text.indexOf('{');
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    const [, quoted, plain, mark] = match;
    const inner = path.at(-1) ?? root;
    if (quoted !== undefined) inner.push(parse(quoted.replace(/\\([\s\S])/g, '$1')));
    else if (plain !== undefined) inner.push(plain === 'NULL' ? null : parse(plain));
    else if (mark === '{') {
      const nested: unknown[] = [];
      inner.push(nested);
      path = [...path, nested];
    } else if (mark === '}') path = path.slice(0, -1);
  }
  return root[0] as unknown[]; // The text begins with a brace.
}

/** Writes a list as PostgreSQL reads it. Null items stay null. */
export function arrayText(items: readonly unknown[], textOf: (item: unknown) => string | null): string {
  const parts = items.map((item) => {
    if (Array.isArray(item)) return arrayText(item, textOf);
    const text = textOf(item);
    return text === null ? 'NULL' : `"${text.replace(/["\\]/g, '\\$&')}"`;
  });
  return `{${parts.join(',')}}`;
}
