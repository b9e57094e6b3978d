import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { diff } from '../../../cli/commands/diff.ts';
import { faulty, folderOfEachTest, formatted, messy, runCommand } from './shop-definition.ts';

const { folder, put } = folderOfEachTest();

describe('kait diff', () => {
  const compare = (before: string, after: string) => runCommand((write) => diff({ before, after }, write));

  it('ends with 0 if both are the same definition', async () => {
    const [before, after] = [await put('a.json', messy), await put('b.json', formatted)];
    expect(await compare(before, after)).toEqual({
      code: 0,
      text: 'The same definition, e9745c99b8e2. Only comments or layout differ.',
    });
  });

  it('ends with 1 if they differ', async () => {
    const [before, after] = [
      await put('a.json', formatted),
      await put('b.json', formatted.replace('order.paid', 'order.done')),
    ];
    const { code, text } = await compare(before, after);
    expect(code).toBe(1);
    expect(text).toContain('\n~ tell  emit order.paid → order.done\n');
  });

  it('ends with 2 if one is missing, is a folder or has mistakes', async () => {
    const file = await put('a.json', formatted);
    const missing = join(folder(), 'nothing.json');
    expect(await compare(file, missing)).toEqual({
      code: 2,
      text: `KAIT_USAGE: There is no file or folder ${missing}.`,
    });
    expect(await compare(folder(), file)).toEqual({
      code: 2,
      text: `KAIT_USAGE: Expected a file, but ${folder()} is a folder.`,
    });
    const { code, text } = await compare(file, await put('b.json', faulty));
    expect(code).toBe(2);
    expect(text).toContain('b.json:5:');
  });
});
