import { mkdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fmt } from '../../../cli/commands/fmt.ts';
import { folderOfEachTest, formatted, messy, runCommand } from './shop-definition.ts';

const { folder, put } = folderOfEachTest();

describe('kait fmt', () => {
  const format = (paths: string[], { check = false, input = '' } = {}) =>
    runCommand((write) => fmt({ paths, check, definitions: folder(), readInput: () => Promise.resolve(input) }, write));

  it('writes what is not formatted, and leaves the rest alone', async () => {
    const file = await put('a.json', messy);
    const other = await put('b.json', formatted);
    const { mtimeMs } = await stat(other);
    expect(await format([folder()])).toEqual({ code: 0, text: `✎ ${file}\n1 of 2 files were already formatted.` });
    expect(await readFile(file, 'utf8')).toBe(formatted);
    expect((await stat(other)).mtimeMs).toBe(mtimeMs);
  });

  it('formats the workflows and their tests if no path is given', async () => {
    await mkdir(join(folder(), 'workflows'));
    await put('workflows/a.test.json', '{"tests":[]}');
    await put('workflows/notes.txt', 'x');
    expect((await format([])).text).toBe(
      `✎ ${join(folder(), 'workflows', 'a.test.json')}\n0 of 1 files were already formatted.`,
    );
    expect(await readFile(join(folder(), 'workflows', 'a.test.json'), 'utf8')).toBe('{\n  "tests": []\n}\n');
  });

  it('writes nothing with --check, and reports by its exit code whether every file is formatted', async () => {
    const file = await put('a.json', messy);
    expect(await format([file], { check: true })).toEqual({ code: 1, text: `≠ ${file}\n0 of 1 files are formatted.` });
    expect(await readFile(file, 'utf8')).toBe(messy);
    await put('a.json', formatted);
    expect(await format([file], { check: true })).toEqual({ code: 0, text: '1 of 1 files are formatted.' });
  });

  it('shows why it cannot read a file, and goes on with the others', async () => {
    const broken = await put('a.json', '{"a": 1,}');
    const file = await put('b.json', messy);
    const { code, text } = await format([broken, file]);
    expect(code).toBe(1);
    expect(text).toContain(`${broken}:1:9 error KAIT1001`);
    expect(text.split('\n').slice(-2)).toEqual([`✎ ${file}`, '0 of 2 files were already formatted, 1 have mistakes.']);
    expect(await readFile(broken, 'utf8')).toBe('{"a": 1,}');
  });

  it('formats standard input', async () => {
    expect(await format(['-'], { input: messy })).toEqual({ code: 0, text: formatted.trimEnd() });
    expect(await format(['-'], { input: messy, check: true })).toEqual({ code: 1, text: '' });
    expect(await format(['-'], { input: formatted, check: true })).toEqual({ code: 0, text: '' });
    expect(await format(['-'], { input: '{' })).toMatchObject({ code: 1, text: expect.stringContaining('stdin:1:2') });
  });

  it('rejects a path that does not exist', async () => {
    const missing = join(folder(), 'nothing');
    await expect(format([missing])).rejects.toMatchObject({
      code: 'KAIT_USAGE',
      message: `There is no file or folder ${missing}.`,
    });
  });

  it('leaves files of other kinds alone, and says how many', async () => {
    const file = await put('a.json', formatted);
    const sources = await put('sources.json', '{"a":  1}');
    expect(await format([file, sources])).toEqual({
      code: 0,
      text: '1 of 1 files were already formatted, 1 left alone: only definitions and their tests are formatted.',
    });
    expect(await readFile(sources, 'utf8')).toBe('{"a":  1}');
    await expect(format([sources])).rejects.toMatchObject({
      code: 'KAIT_USAGE',
      message: `"kait fmt" takes definitions and their tests; ${sources} is the sources file.`,
    });
  });
});
