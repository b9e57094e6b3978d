import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * The path of a file or folder that belongs to Kait's package: `definitions/gateways`, `package.json`. The same whether this code runs
 * from its source or, compiled, from `dist/`.
 */
export function packagePath(...parts: string[]): string {
  return join(packageFolder, ...parts);
}

const packageFolder = folderWith('package.json', import.meta.dirname);

function folderWith(file: string, folder: string): string {
  return existsSync(join(folder, file)) ? folder : folderWith(file, dirname(folder));
}
