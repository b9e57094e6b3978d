import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

/** What the workflow bundle, and the dispatcher for each event, take from the language. */
const entries = ['expression', 'template', 'duration', 'plan', 'json', 'scope', 'definition'];

it('nothing that a workflow imports from the language needs more packages than the one for hashing', () => {
  const seen = new Set<string>();
  const packages = new Set<string>();
  const visit = (url: URL): void => {
    if (seen.has(url.href)) return;
    seen.add(url.href);
    for (const [, specifier = ''] of readFileSync(url, 'utf8').matchAll(/ from '([^']+)';/g)) {
      if (specifier.startsWith('.')) visit(new URL(specifier, url));
      else packages.add(specifier);
    }
  };
  for (const entry of entries) visit(new URL(`../../language/${entry}.ts`, import.meta.url));
  expect(seen.size).toBeGreaterThan(15);
  // Audited, without dependencies, pure JavaScript: the sandbox has no node:crypto.
  expect([...packages].sort()).toEqual(['@noble/hashes/sha2.js', '@noble/hashes/utils.js']);
});
