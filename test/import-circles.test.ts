import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import ts from 'typescript';
import { expect, it } from 'vitest';

/* A file that imports itself through others cannot be understood by itself. An import of types counts as well. */

const root = resolve(import.meta.dirname, '..');

it('has no file that imports itself through others', () => {
  expect(circlesIn(importGraph())).toEqual([]);
});

it('finds circles, each once, however one gets into them', () => {
  const graph = new Map([
    ['main', ['a', 'b', 'alone']],
    ['a', ['b']],
    ['b', ['c', 'alone']],
    ['c', ['a']],
    ['alone', []],
    ['self', ['self']],
  ]);
  expect(circlesIn(graph)).toEqual(['a → b → c → a', 'self → self']);
});

/** The project's files, and for each the files that it imports. */
function importGraph(): Map<string, string[]> {
  const ignored = new Set(['node_modules', '.git', '.kait', 'coverage']);
  const folders = readdirSync(root, { withFileTypes: true }).filter(({ name }) => !ignored.has(name));
  const files = folders.flatMap((entry) =>
    entry.isDirectory()
      ? readdirSync(join(root, entry.name), { recursive: true, encoding: 'utf8' }).map((name) => join(entry.name, name))
      : [entry.name],
  );
  return new Map(files.filter((file) => /\.tsx?$/.test(file)).map((file) => [file, importsOf(file)]));
}

function importsOf(file: string): string[] {
  const { importedFiles } = ts.preProcessFile(readFileSync(join(root, file), 'utf8'), true, true);
  const own = importedFiles.filter(({ fileName }) => fileName.startsWith('.'));
  return own.map(({ fileName }) => relative(root, resolve(root, dirname(file), fileName)));
}

/** Follows imports depth first. A file that is met again on its own path closes a circle. */
function circlesIn(graph: Map<string, string[]>): string[] {
  const circles: string[] = [];
  const done = new Set<string>();
  const follow = (file: string, path: string[]): void => {
    const start = path.indexOf(file);
    if (start !== -1) circles.push([...path.slice(start), file].join(' → '));
    if (start !== -1 || done.has(file)) return;
    for (const imported of graph.get(file) ?? []) follow(imported, [...path, file]);
    done.add(file);
  };
  for (const file of graph.keys()) follow(file, []);
  return circles;
}
