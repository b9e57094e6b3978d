import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'jsonc-parser';
import { beforeEach, describe, expect, it } from 'vitest';
import { initProject } from '../../cli/commands/init.ts';
import { runTests } from '../../cli/commands/test.ts';
import { validate } from '../../cli/commands/validate.ts';
import { packagePath } from '../../package-path.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const guide = readFileSync(new URL('../../docs/GUIDE.md', import.meta.url), 'utf8');
const [chapter = ''] = /^## 1\..*?(?=^## 2\.)/ms.exec(guide) ?? [];
const blocks = (language: string) =>
  [...chapter.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, 'gms'))].map(([, code = '']) => code);
const [step = '', settings = '', test = ''] = blocks('js');
const printed = blocks('console');

let folder: string;
let definitions: string;
const workflow = () => join(definitions, 'workflows', 'payment-succeeded.json');
const lines: string[] = [];
const write = (line: string) => void lines.push(line);

beforeEach(async () => {
  folder = join(await temporaryFolder(), 'my-shop');
  definitions = join(folder, 'definitions');
  lines.length = 0;
  await initProject(folder, { yes: true, gateways: ['midtrans'] }, '2026-11-27T12:00:00.000Z');
  await mkdir(join(folder, 'node_modules'));
  await symlink(packagePath(), join(folder, 'node_modules', 'kait'));
});

interface WithSteps {
  steps: object[];
}
interface WithTests {
  tests: { expect: { trace: string[] } }[];
}

async function addStep(): Promise<void> {
  const definition = parse(await readFile(workflow(), 'utf8')) as WithSteps;
  const changed = { ...definition, steps: [...definition.steps, parse(step) as object] };
  await writeFile(workflow(), JSON.stringify(changed));
}

const check = () => validate({ paths: [], json: false, definitions }, write);
const declareSetting = () => writeFile(join(definitions, 'settings.json'), settings);

describe('the first chapter of the guide', () => {
  it('shows the mistake of the step that it adds', async () => {
    await addStep();
    expect(await check()).toBe(1);
    expect(lines.join('\n')).toContain(printed[2]!.trim());
  });

  it('has no mistake any more once the setting is declared, and tests that miss the step', async () => {
    await addStep();
    await declareSetting();
    expect(await check()).toBe(0);
    lines.length = 0;
    expect(await runTests([join(definitions, 'workflows')], { minCoverage: 0 }, write)).toBe(1);
    expect(lines.join('\n')).toContain(printed[3]!.trim());
  });

  it('leads to tests that pass and cover every branch', async () => {
    await addStep();
    await declareSetting();
    const file = workflow().replace('.json', '.test.json');
    const { tests } = parse(await readFile(file, 'utf8')) as WithTests;
    for (const { expect: expected } of tests) expected.trace.push('points skipped');
    await writeFile(file, JSON.stringify({ tests: [...tests, parse(test) as object] }));
    expect(await runTests([join(definitions, 'workflows')], { minCoverage: 100 }, write)).toBe(0);
    expect(lines.at(-1)).toContain('3 tests passed, 0 failed in 1 file.');
  });

  it('describes the files that a project has', () => {
    const named = [...chapter.matchAll(/^\| (.*?) \|/gm)].flatMap(([, cell = '']) =>
      [...cell.matchAll(/`([^`]+)`/g)].map(([, path = '']) => path),
    );
    expect(named).toHaveLength(9);
    expect(named.filter((path) => !existsSync(join(folder, path)))).toEqual([]);
  });

  it('runs only scripts that the project has', async () => {
    const { scripts } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as { scripts: object };
    const named = [...chapter.matchAll(/npm run ([\w:]+)/g)].map(([, script]) => script!);
    expect(named.filter((script) => !(script in scripts))).toEqual([]);
    expect(named).toContain('dev');
  });
});
