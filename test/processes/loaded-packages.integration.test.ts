import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../temporary-folder.ts';
import { runKait } from './kait-command.ts';
import { loadedPackages, notingImports } from './loaded-packages.ts';

it.each([['validate'], ['sources', 'list'], ['runs']])(
  'loads neither a database nor Temporal nor an HTTP server for kait %s',
  async (...args) => {
    const folder = await temporaryFolder();
    await runKait(folder, args, notingImports(join(folder, 'imports')));
    const heavy =
      /^(?:@temporalio\/(?!common)|@electric-sql\/|pg$|drizzle-orm|fastify|undici|nodemailer|esbuild|chokidar|@clack\/)/;
    const loaded = loadedPackages(join(folder, 'imports'));
    expect(loaded).toContain('commander');
    expect(loaded.filter((name) => heavy.test(name))).toEqual([]);
  },
);
