import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { packagePath } from '../package-path.ts';

/** Kait's version, from package.json. */
export const { version } = z
  .object({ version: z.string() })
  .parse(JSON.parse(readFileSync(packagePath('package.json'), 'utf8')));
