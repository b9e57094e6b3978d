import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { validate } from '../../cli/commands/validate.ts';
import { findingKinds } from '../../language/codes.ts';

/** `<code>-<what>` is a project with the mistake; its `expected.txt` is what `kait validate` prints there. */
const folder = fileURLToPath(new URL('mistakes/', import.meta.url));
const projects = readdirSync(folder);
/** Mistakes that a definition alone can have: see `test/language/mistakes.test.ts`. */
const definitions = readdirSync(new URL('../language/mistakes/', import.meta.url));

it.each(projects)('tells of the mistake in a project as the fixture says: %s', async (name) => {
  const project = join(folder, name);
  const written: string[] = [];
  await validate({ paths: [], json: false, definitions: join(project, 'definitions') }, (line) => written.push(line));
  const text = `${written.join('\n').replaceAll(`${project}/`, '')}\n`;
  expect(text).toBe(await readFile(join(project, 'expected.txt'), 'utf8'));
  expect(text).toContain(` ${name.slice(0, 8)} `);
});

it('has a fixture for every code of a finding', () => {
  const codes = new Set([...projects, ...definitions].map((name) => name.slice(0, 8)));
  expect([...codes].sort()).toEqual(Object.keys(findingKinds).sort());
});
