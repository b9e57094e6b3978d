import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

/** What the workflow bundle, and the dispatcher for each event, take from the language. */
const entries = ['expression', 'time', 'plan', 'json', 'scope', 'definition'];

/** Imports of types are gone from the bundle. */
function withoutTypes(source: string): string {
  return source.replaceAll(/^(?:import|export) type [^;]*;$/gm, '');
}

/** The packages that files need, with all that they import. */
function packagesOf(files: URL[]): string[] {
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
  for (const file of files) visit(file);
  expect(seen.size).toBeGreaterThan(15);
  return [...packages].sort();
}

/** Both are pure JavaScript without dependencies: the workflow sandbox has no node:crypto. */
const ofLanguage = ['@noble/hashes/sha2.js', '@noble/hashes/utils.js', 'json-logic-js'];

it('a workflow that imports the language needs the packages for hashing and for JsonLogic, and no others', () => {
  const files = entries.map((entry) => new URL(`../../language/${entry}.ts`, import.meta.url));
  expect(packagesOf(files)).toEqual(ofLanguage);
});

it('no workflow code imports zod, not even through the schema of the event', () => {
  const folder = new URL('../../workflows/', import.meta.url);
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  const packages = packagesOf(files.map((file) => new URL(file, folder)));
  expect(packages.filter((name) => !name.startsWith('@temporalio/'))).toEqual(ofLanguage);
});
