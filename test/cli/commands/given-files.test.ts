import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { diff } from '../../../cli/commands/diff.ts';
import { explain } from '../../../cli/commands/explain.ts';
import { fmt } from '../../../cli/commands/fmt.ts';
import { graph } from '../../../cli/commands/graph.ts';
import { runSimulate } from '../../../cli/commands/simulate.ts';
import { runTests } from '../../../cli/commands/test.ts';
import { runVectors } from '../../../cli/commands/vectors.ts';
import { folderOfEachTest, formatted, runCommand } from './shop-definition.ts';

/* What every command does with a file that is of another kind, empty or binary, or begins with a byte order mark. */

const { folder, put } = folderOfEachTest();

const commands = {
  diff: (file: string) => runCommand((write) => diff({ before: file, after: file }, write)),
  explain: (file: string) => runCommand((write) => explain({ file, json: false }, write)),
  fmt: (file: string) =>
    runCommand((write) =>
      fmt({ paths: [file], check: false, definitions: folder(), readInput: () => Promise.resolve('') }, write),
    ),
  graph: (file: string) => runCommand((write) => graph(file, write)),
  simulate: (file: string) => runCommand((write) => runSimulate(file, {}, folder(), write)),
  test: (file: string) => runCommand((write) => runTests([file], { minCoverage: 0 }, write)),
};
const readers = ['diff', 'explain', 'graph'] as const;
const ofDefinitions = ['diff', 'explain', 'fmt', 'graph', 'simulate'] as const;
const exitCodes = { diff: 2, explain: 1, fmt: 1, graph: 1, simulate: 1, test: 1 };

describe.each(readers)('kait %s', (command) => {
  it.each([
    ['a.test.json', 'a test file. Did you mean FOLDER/a.json?'],
    ['sources.json', 'the sources file.'],
    ['mails/receipt.json', 'a mail template.'],
    ['gateways/acme.json', 'a gateway preset.'],
  ])('says that %s is not a definition', async (name, kind) => {
    await mkdir(join(folder(), 'mails'));
    await mkdir(join(folder(), 'gateways'));
    const file = await put(name, '{}');
    const { code, text } = await commands[command](file);
    expect(code).toBe(exitCodes[command]);
    expect(text.split('\n')[0]).toBe(
      `KAIT_USAGE: "kait ${command}" takes a definition; ${file} is ${kind.replace('FOLDER', folder())}`,
    );
  });
});

describe.each(ofDefinitions)('kait %s', (command) => {
  it.each([
    ['an empty file', '', 'The file is empty.'],
    ['a binary file', '\u0000\u0001\uFFFD', 'Expected a text in double quotes, a number, true, false or null.'],
  ])('shows where %s goes wrong', async (_what, content, finding) => {
    const file = await put('a.json', content);
    const { code, text } = await commands[command](file);
    expect(code).toBe(exitCodes[command]);
    expect(text).toContain(`${file}:1:1 error KAIT1001 ${finding}`);
  });

  it('takes a file with a byte order mark', async () => {
    const file = await put('a.json', `\uFEFF${formatted}`);
    expect(await commands[command](file)).toMatchObject({ code: 0 });
  });
});

describe('kait test', () => {
  const passing = '{"tests": [{"name": "tells", "expect": {"trace": ["tell done"]}}]}';

  it.each([
    ['an empty test file', formatted, '', 'a.test.json:1:1 error KAIT1001 The file is empty.'],
    ['a binary test file', formatted, '\u0000\u0001', 'a.test.json:1:1 error KAIT1001 Expected a text'],
    ['an empty definition', '', passing, 'a.json:1:1 error KAIT1001 The file is empty.'],
    ['a binary definition', '\u0000\u0001', passing, 'a.json:1:1 error KAIT1001 Expected a text'],
  ])('shows where %s goes wrong', async (_what, definition, tests, finding) => {
    await put('a.json', definition);
    const { code, text } = await commands.test(await put('a.test.json', tests));
    expect(code).toBe(1);
    expect(text).toContain(`${folder()}/${finding}`);
  });

  it('takes files with a byte order mark', async () => {
    await put('a.json', `\uFEFF${formatted}`);
    const file = await put('a.test.json', `\uFEFF${passing}`);
    const { code, text } = await commands.test(file);
    expect(code).toBe(0);
    expect(text).toContain('1 test passed, 0 failed in 1 file.');
  });
});

describe('kait vectors', () => {
  it.each([
    ['an empty file', '', 'The file is empty.'],
    ['a binary file', '\u0000', 'Expected a text in double quotes, a number, true, false or null.'],
  ])('shows where %s goes wrong', async (_what, content, mistake) => {
    const file = await put('vectors.json', content);
    await expect(runCommand((write) => runVectors(file, write))).rejects.toMatchObject({
      code: 'KAIT_VECTORS_INVALID',
      message: expect.stringContaining(`${file}:1:1  ${mistake}`) as string,
    });
  });

  it('takes a file with a byte order mark', async () => {
    const file = await put('vectors.json', '\uFEFF[]');
    expect(await runCommand((write) => runVectors(file, write))).toEqual({ code: 0, text: '0 passed, 0 failed' });
  });
});
