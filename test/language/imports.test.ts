import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

/** What the workflow bundle, and the dispatcher for each event, take from the language. */
const entries = ['expression', 'time', 'plan', 'json', 'scope', 'definition'];

/** Imports of types are gone from the bundle. */
function withoutTypes(source: string): string {
  return source.replaceAll(/^(?:import|export) type [^;]*;$/gm, '');
}

it('a workflow that imports the language needs the packages for hashing and for JsonLogic, and no others', () => {
  const seen = new Set<string>();
  const packages = new Set<string>();
  const visit = (url: URL): void => {
    if (seen.has(url.href)) return;
    seen.add(url.href);
    for (const [, specifier = ''] of withoutTypes(readFileSync(url, 'utf8')).matchAll(/ from '([^']+)';/g)) {
      if (specifier.startsWith('.')) visit(new URL(specifier, url));
      else packages.add(specifier);
    }
  };
  for (const entry of entries) visit(new URL(`../../language/${entry}.ts`, import.meta.url));
  expect(seen.size).toBeGreaterThan(15);
  // Both are pure JavaScript without dependencies: the workflow sandbox has no node:crypto.
  expect([...packages].sort()).toEqual(['@noble/hashes/sha2.js', '@noble/hashes/utils.js', 'json-logic-js']);
});
