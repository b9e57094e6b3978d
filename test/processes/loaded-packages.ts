import { readFileSync } from 'node:fs';

/** Variables with which a process of Node's notes in `file` whatever it imports. */
export function notingImports(file: string): { NODE_OPTIONS: string } {
  const note = `appendFileSync(${JSON.stringify(file)}, found.url + '\\n')`;
  const hooks = `import { appendFileSync } from 'node:fs';
    export async function resolve(specifier, context, next) {
      const found = await next(specifier, context);
      ${note};
      return found;
    }`;
  const registering = `import { register } from 'node:module'; register(${JSON.stringify(asModule(hooks))});`;
  return { NODE_OPTIONS: `--import=${asModule(registering)}` };
}

/** The packages that were imported, in alphabetical order. */
export function loadedPackages(file: string): string[] {
  const found = readFileSync(file, 'utf8').matchAll(/\/node_modules\/((?:@[^/]+\/)?[^/\n]+)[^\n]*\n/g);
  return [...new Set([...found].map(([, name = '']) => name))].sort();
}

function asModule(code: string): string {
  return `data:text/javascript,${encodeURIComponent(code)}`;
}
