import type { Json } from '../language/json.ts';

/** The names of the settings that a part of a definition refers to, in order of appearance. */
export function settingsReadBy(part: Json): Set<string> {
  const names = new Set<string>();
  visit(part, (text) => {
    for (const [, name = ''] of text.matchAll(/(?<![\w.-])settings\.([a-zA-Z][a-zA-Z0-9]*)/g)) names.add(name);
  });
  return names;
}

function visit(part: Json, take: (text: string) => void): void {
  if (typeof part === 'string') take(part);
  else if (part !== null && typeof part === 'object') for (const value of Object.values(part)) visit(value, take);
}
