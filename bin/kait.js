#!/usr/bin/env node
import { existsSync, readFileSync } from 'node:fs';
import module from 'node:module';

// `kait validate | head -1`: the reader has seen enough. Whatever the command does, it does to its end, and its exit code says how that went.
for (const stream of [process.stdout, process.stderr]) stream.on('error', unlessReaderHasLeft);

const main = new URL('../dist/cli/main.js', import.meta.url);
const [flag, ...rest] = process.argv.slice(2);

if ((flag === '--version' || flag === '-V') && rest.length === 0) {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  process.stdout.write(`${version}\n`);
} else if (existsSync(main)) {
  // Newer versions of Node keep compiled code between starts.
  module.enableCompileCache?.();
  process.exitCode = await (await import(main.href)).main(process.argv);
} else {
  process.stderr.write('Kait has not been built here. Run: npm run build\n');
  process.exitCode = 1;
}

/** @param {NodeJS.ErrnoException} error */
function unlessReaderHasLeft(error) {
  if (error.code !== 'EPIPE') throw error;
}
