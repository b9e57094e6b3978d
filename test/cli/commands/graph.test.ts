import { describe, expect, it } from 'vitest';
import { graph } from '../../../cli/commands/graph.ts';
import { faulty, folderOfEachTest, formatted, runCommand } from './shop-definition.ts';

const { put } = folderOfEachTest();

describe('kait graph', () => {
  it('writes a definition’s chart', async () => {
    const file = await put('a.json', formatted);
    const { code, text } = await runCommand((write) => graph(file, write));
    expect(code).toBe(0);
    expect(text.split('\n').slice(0, 3)).toEqual([
      'flowchart TD',
      '  n1(["shop<br/>payment.succeeded"])',
      '  n2>"tell<br/>emit order.paid"]',
    ]);
  });

  it('ends with 1 if the definition has mistakes, and shows them', async () => {
    const file = await put('a.json', faulty);
    expect(await runCommand((write) => graph(file, write))).toMatchObject({
      code: 1,
      text: expect.stringContaining(`${file}:5:`),
    });
  });
});
