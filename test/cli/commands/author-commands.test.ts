import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { diff } from '../../../cli/commands/diff.ts';
import { explain } from '../../../cli/commands/explain.ts';
import { fmt } from '../../../cli/commands/fmt.ts';
import { graph } from '../../../cli/commands/graph.ts';
import { temporaryFolder } from '../../temporary-folder.ts';

let folder: string;
beforeEach(async () => {
  folder = await temporaryFolder();
});

const formatted = `{
  "name": "shop",
  "on": { "event": "payment.succeeded" },
  "steps": [
    { "id": "tell", "emit": "order.paid" }
  ]
}
`;
const messy = formatted.replaceAll('\n', ' ');
const faulty = formatted.replace('"emit"', '"emitt"');

async function put(name: string, content: string | object): Promise<string> {
  await writeFile(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
  return join(folder, name);
}

/** Runs a command; the lines that it writes and its exit code. */
async function run(command: (write: (text: string) => void) => Promise<number>) {
  const written: string[] = [];
  const code = await command((text) => written.push(text));
  return { code, text: written.join('\n') };
}

describe('kait fmt', () => {
  const format = (paths: string[], { check = false, input = '' } = {}) =>
    run((write) => fmt({ paths, check, definitions: folder, readInput: () => Promise.resolve(input) }, write));

  it('writes what is not formatted, and leaves the rest alone', async () => {
    const file = await put('a.json', messy);
    const other = await put('b.json', formatted);
    const { mtimeMs } = await stat(other);
    expect(await format([folder])).toEqual({ code: 0, text: `✎ ${file}\n1 of 2 files were already formatted.` });
    expect(await readFile(file, 'utf8')).toBe(formatted);
    expect((await stat(other)).mtimeMs).toBe(mtimeMs);
  });

  it('takes the workflows and their tests where it is told no path', async () => {
    await mkdir(join(folder, 'workflows'));
    await put('workflows/a.test.json', '{"tests":[]}');
    await put('workflows/notes.txt', 'x');
    expect((await format([])).text).toBe(
      `✎ ${join(folder, 'workflows', 'a.test.json')}\n0 of 1 files were already formatted.`,
    );
    expect(await readFile(join(folder, 'workflows', 'a.test.json'), 'utf8')).toBe('{\n  "tests": []\n}\n');
  });

  it('writes nothing with --check, and says by its exit code whether all is formatted', async () => {
    const file = await put('a.json', messy);
    expect(await format([file], { check: true })).toEqual({ code: 1, text: `≠ ${file}\n0 of 1 files are formatted.` });
    expect(await readFile(file, 'utf8')).toBe(messy);
    await put('a.json', formatted);
    expect(await format([file], { check: true })).toEqual({ code: 0, text: '1 of 1 files are formatted.' });
  });

  it('shows what keeps a file from being read, and goes on with the others', async () => {
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
    const missing = join(folder, 'nothing');
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

describe('kait diff', () => {
  const compare = (before: string, after: string) => run((write) => diff({ before, after }, write));

  it('ends with 0 where both are the same definition', async () => {
    const [before, after] = [await put('a.json', messy), await put('b.json', formatted)];
    expect(await compare(before, after)).toEqual({
      code: 0,
      text: 'The same definition, e9745c99b8e2. Only comments or layout differ.',
    });
  });

  it('ends with 1 where they differ', async () => {
    const [before, after] = [
      await put('a.json', formatted),
      await put('b.json', formatted.replace('order.paid', 'order.done')),
    ];
    const { code, text } = await compare(before, after);
    expect(code).toBe(1);
    expect(text).toContain('\n~ tell  emit order.paid → order.done\n');
  });

  it('ends with 2 where one is missing, is a folder or has mistakes', async () => {
    const file = await put('a.json', formatted);
    const missing = join(folder, 'nothing.json');
    expect(await compare(file, missing)).toEqual({
      code: 2,
      text: `KAIT_USAGE: There is no file or folder ${missing}.`,
    });
    expect(await compare(folder, file)).toEqual({
      code: 2,
      text: `KAIT_USAGE: Expected a file, but ${folder} is a folder.`,
    });
    const { code, text } = await compare(file, await put('b.json', faulty));
    expect(code).toBe(2);
    expect(text).toContain('b.json:5:');
  });
});

describe('kait graph and kait explain', () => {
  it('write a definition’s chart', async () => {
    const file = await put('a.json', formatted);
    const { code, text } = await run((write) => graph(file, write));
    expect(code).toBe(0);
    expect(text.split('\n').slice(0, 3)).toEqual([
      'flowchart TD',
      '  n1(["shop<br/>payment.succeeded"])',
      '  n2>"tell<br/>emit order.paid"]',
    ]);
  });

  it('write its explanation, by the rules of this installation', async () => {
    const file = await put('a.json', formatted);
    const text = await run((write) => explain({ file, json: false }, write));
    expect(text.code).toBe(0);
    expect(text.text).toContain('\n  6 events\n');
    const json = await run((write) => explain({ file, json: true }, write));
    expect(JSON.parse(json.text)).toMatchObject({ name: 'shop', history: { events: { min: 6, max: 6 } } });
  });

  it.each([
    ['a.test.json', 'a test file. Did you mean FOLDER/a.json?'],
    ['sources.json', 'the sources file.'],
    ['mails/receipt.json', 'a mail template.'],
    ['gateways/acme.json', 'a gateway preset.'],
  ])('say what %s is instead of a definition', async (name, kind) => {
    await mkdir(join(folder, 'mails'));
    await mkdir(join(folder, 'gateways'));
    const file = await put(name, '{}');
    const message = (command: string) =>
      `KAIT_USAGE: "kait ${command}" takes a definition; ${file} is ${kind.replace('FOLDER', folder)}`;
    expect(await run((write) => graph(file, write))).toEqual({ code: 1, text: message('graph') });
    expect(await run((write) => explain({ file, json: false }, write))).toEqual({ code: 1, text: message('explain') });
    expect(await run((write) => diff({ before: file, after: file }, write))).toEqual({
      code: 2,
      text: `${message('diff')}\n${message('diff')}`,
    });
  });

  it('end with 1 where it has mistakes', async () => {
    const file = await put('a.json', faulty);
    expect(await run((write) => graph(file, write))).toMatchObject({
      code: 1,
      text: expect.stringContaining('a.json:5:'),
    });
    expect(await run((write) => explain({ file, json: false }, write))).toMatchObject({ code: 1 });
  });
});
