import { existsSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { packagePath } from '../../package-path.ts';
import { pictures } from '../console/screenshots/pictures.ts';

const folder = packagePath('docs', 'console');
const documents = ['README.md', ...(await readdir(packagePath('docs'))).map((file) => `docs/${file}`)].filter((file) =>
  file.endsWith('.md'),
);
const texts = await Promise.all(documents.map((file) => readFile(packagePath(file), 'utf8')));
const named = texts.flatMap((text, index) =>
  [...text.matchAll(/!\[([^\]]*)\]\((?!https?:)([^)]+)\)/g)].map(([, description = '', path = '']) => ({
    description,
    path: join(dirname(documents[index]!), path),
  })),
);
const taken = pictures.map(({ name }) => `docs/console/${name}.webp`);

it('shows only pictures that there are, each with a description', () => {
  expect(named.filter(({ path, description }) => !existsSync(packagePath(path)) || description === '')).toEqual([]);
});

it('shows every picture that `npm run screenshots` takes, and has no other', async () => {
  expect([...new Set(named.map(({ path }) => path))].toSorted()).toEqual(taken.toSorted());
  expect((await readdir(folder)).map((file) => `docs/console/${file}`).toSorted()).toEqual(taken.toSorted());
});

it('has pictures of less than 1.5 MB in all', async () => {
  const sizes = await Promise.all((await readdir(folder)).map(async (file) => (await stat(join(folder, file))).size));
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(1_500_000);
});
