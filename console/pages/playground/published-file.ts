import { parse } from 'jsonc-parser';

/** A file of a published set. */
export interface PublishedFile {
  /** `workflows/paid.json` */
  path: string;
  /** Null: the set has no such file yet. */
  text: string | null;
}

const testEnding = '.test.json';

/** The file of a set that defines something, or the one that would be added for it: by its name, and no other definition's. */
export function fileOf(files: Readonly<Record<string, string>>, name: string): PublishedFile {
  const definitions = Object.entries(files).filter(
    ([path]) => path.startsWith('workflows/') && !path.endsWith(testEnding),
  );
  const [found] = definitions.filter(([, text]) => nameIn(text) === name);
  if (found !== undefined) return { path: found[0], text: found[1] };
  const taken = new Set(definitions.map(([path]) => path.toLowerCase()));
  const paths = [
    `workflows/${name}.json`,
    ...Array.from({ length: 98 }, (_, at) => `workflows/${name}-${at + 2}.json`),
  ];
  return { path: paths.find((path) => !taken.has(path.toLowerCase())) ?? `workflows/${name}.json`, text: null };
}

/** The tests beside a definition of a set. */
export function testsOf(files: Readonly<Record<string, string>>, { path }: Pick<PublishedFile, 'path'>): PublishedFile {
  const tests = path.replace(/\.json$/, testEnding);
  return { path: tests, text: Object.hasOwn(files, tests) ? (files[tests] ?? null) : null };
}

/** The name that a definition gives itself, whatever mistakes it has. Null: none. */
export function nameIn(text: string): string | null {
  const value: unknown = parse(text, [], { allowTrailingComma: true });
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, 'name')) return null;
  const { name } = value as { name: unknown };
  return typeof name === 'string' ? name : null;
}
