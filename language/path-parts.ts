/** `['shop.id']`: a key that holds a dot, a blank or a bracket. A quote in it is written twice. */
const quoted = /\.?\['((?:[^']|'')*)'\]|\.?((?:(?!\[')[^.])+)/gy;

/**
 * The keys along a path: `payment.items.0` has three, `data['shop.id'].name` has three, too. What has no such form is split at its dots.
 */
export function pathParts(path: string): string[] {
  if (!path.includes("['")) return path.split('.');
  const parts: string[] = [];
  let end = 0;
  for (const [text, key, plain] of path.matchAll(quoted)) {
    parts.push(plain ?? (key ?? '').replaceAll("''", "'"));
    end += text.length;
  }
  return end === path.length ? parts : path.split('.');
}

/** The path of these keys. */
export function pathText(parts: readonly string[]): string {
  return parts
    .map((part, position) => {
      if (isPlain(part)) return position === 0 ? part : `.${part}`;
      return `['${part.replaceAll("'", "''")}']`;
    })
    .join('');
}

function isPlain(part: string): boolean {
  return part !== '' && !/[.\s]|\['/.test(part);
}
