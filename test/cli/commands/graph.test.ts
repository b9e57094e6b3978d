import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { graph } from '../../../cli/commands/graph.ts';
import { temporaryFolder } from '../../temporary-folder.ts';
import { faulty, formatted, runCommand } from './shop-definition.ts';

let folder: string;
beforeEach(async () => {
  folder = await temporaryFolder();
});

async function put(name: string, content: string): Promise<string> {
  await writeFile(join(folder, name), content);
  return join(folder, name);
}

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
