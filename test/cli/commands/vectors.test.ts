import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, it } from 'vitest';
import { runVectors } from '../../../cli/commands/vectors.ts';
import { temporaryFolder } from '../../temporary-folder.ts';

const shipped = fileURLToPath(new URL('../../server/gateway/vectors.json', import.meta.url));

const vector = {
  id: 'v-1',
  preset: 'xendit',
  reason: 'because',
  request: {
    method: 'POST',
    url: 'https://hooks.example.id/in/xendit',
    headers: { 'x-callback-token': 'token' },
    body: '{"id":"a","status":"PAID"}',
  },
  secret: 'token',
  expect: 'valid',
};

describe('the vectors command', () => {
  let folder: string;
  let lines: string[];
  beforeEach(async () => {
    lines = [];
    folder = await temporaryFolder();
  });

  async function run(vectors: unknown): Promise<number> {
    const file = join(folder, 'vectors.json');
    await writeFile(file, typeof vectors === 'string' ? vectors : JSON.stringify(vectors));
    return runVectors(file, (line) => lines.push(line));
  }

  it('passes the shipped vectors', async () => {
    expect(await runVectors(shipped, (line) => lines.push(line))).toBe(0);
    expect(lines).toEqual(['180 passed, 0 failed']);
  });

  it('prints a line for each miss, counts what it skips, and fails', async () => {
    const exitCode = await run([
      vector,
      { ...vector, id: 'v-2', expect: 'invalid' },
      { ...vector, id: 'v-3', secret: 'other' },
      { ...vector, id: 'v-4', preset: 'acme' },
    ]);

    expect(exitCode).toBe(1);
    expect(lines).toEqual([
      'v-2: expected invalid, got valid (because)',
      'v-3: expected valid, got invalid: wrong-token (because)',
      '1 passed, 2 failed, 1 skipped',
    ]);
  });

  it('does not fail because of gateways that it has no preset for', async () => {
    expect(await run([{ ...vector, preset: 'acme' }])).toBe(0);
    expect(lines).toEqual(['0 passed, 0 failed, 1 skipped']);
  });

  it('accepts either outcome if the vector allows it', async () => {
    const exitCode = await run([
      { ...vector, expect: 'invalid', lenient_ok: true },
      { ...vector, secret: 'other', stricter_ok: true },
    ]);

    expect(exitCode).toBe(0);
    expect(lines).toEqual(['2 passed, 0 failed']);
  });

  it('takes several secrets, repeated headers and bytes in base64', async () => {
    const exitCode = await run([
      {
        ...vector,
        secret: undefined,
        secrets: ['other', 'token'],
        request: {
          ...vector.request,
          headers: { 'x-callback-token': ['nothing', 'token'] },
          body: undefined,
          body_base64: 'e//+fQ==',
        },
      },
    ]);

    expect(exitCode).toBe(0);
    expect(lines).toEqual(['1 passed, 0 failed']);
  });

  it('compares the answer to a handshake', async () => {
    await run([
      { ...vector, response: '' },
      { ...vector, id: 'v-2', response: 'hello' },
    ]);

    expect(lines).toEqual(['v-2: expected the answer "hello", got "" (because)', '1 passed, 1 failed']);
  });

  it.each([
    ['[{}]', /^\S+vectors\.json:1:2 {2}0\.id: /],
    ['{', /^\S+vectors\.json:1:2 {2}Expected a closing "}"\.$/],
    ['{}', /^\S+vectors\.json:1:1 {2}/],
  ])('rejects a file that is not a list of vectors: %s', async (text, message) => {
    await expect(run(text)).rejects.toMatchObject({
      code: 'KAIT_VECTORS_INVALID',
      message: expect.stringMatching(message),
    });
  });
});
