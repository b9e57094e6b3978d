import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { errorTable } from '../errors.ts';
import { findingKinds } from '../language/codes.ts';
import { settings } from '../settings.ts';
import { gatewayReference } from './gateway-reference.ts';
import { languageReference } from './language-reference.ts';

const root = new URL('../', import.meta.url);
const pathOf = (file: string) => fileURLToPath(new URL(file, root));

/** The documents that are written from tables in the code, by file, as they should be. `npm run docs` writes them. */
export async function renderDocs(): Promise<Record<string, string>> {
  return {
    'docs/ERRORS.md': errorsPage(),
    'docs/GATEWAYS.md': await gatewayReference(),
    'docs/LANGUAGE-REFERENCE.md': languageReference(),
    'docs/CONFIGURATION.md': withSettings(await readFile(pathOf('docs/CONFIGURATION.md'), 'utf8')),
  };
}

/** Writes them. */
export async function writeDocs(): Promise<void> {
  for (const [file, text] of Object.entries(await renderDocs())) await writeFile(pathOf(file), text);
}

function errorsPage(): string {
  const processes = Object.entries(errorTable).map(([code, meaning]) => `| \`${code}\` | ${meaning} |`);
  const findings = Object.entries(findingKinds).map(([code, { title, severity, explanation, example }]) =>
    [`### ${code}`, '', `**${title}** (${severity}). ${explanation}`, '', '```jsonc', example, '```', ''].join('\n'),
  );
  return [
    '# Errors',
    '',
    'Written by `npm run docs` from `errors.ts` and `language/codes.ts`.',
    '',
    '## Of processes and commands',
    '',
    '| code | meaning |',
    '| --- | --- |',
    ...processes,
    '',
    '## In definitions',
    '',
    ...findings,
  ].join('\n');
}

const [begin, end] = ['<!-- settings: written by npm run docs -->', '<!-- /settings -->'];

function withSettings(page: string): string {
  const rows = settings.map(({ name, meaning, expects, default: fallback }) => {
    const value = fallback === null ? '' : `\`${fallback}\``;
    return `| \`${name}\` | ${meaning} Expects ${expects}. | ${value} |`;
  });
  const table = ['| variable | meaning | default |', '| --- | --- | --- |', ...rows].join('\n');
  const [before, rest] = [page.slice(0, page.indexOf(begin)), page.slice(page.indexOf(end))];
  return `${before}${begin}\n${table}\n${rest}`;
}
