import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { followSecretsFile, readSecretsFile } from '../../activities/secrets-file.ts';
import { temporaryFolder } from '../temporary-folder.ts';

let file: string;
let logged: unknown[];
const log = { error: (...entry: unknown[]) => void logged.push(entry) };
beforeEach(async () => {
  file = join(await temporaryFolder(), 'secrets.json');
  logged = [];
});

const entryFor = (host: string) => JSON.stringify({ KAIT_SECRET_SHOP: { hosts: [host] } });

async function hostsNow(current: ReturnType<typeof followSecretsFile>): Promise<unknown> {
  return (await current()).get('KAIT_SECRET_SHOP')?.hosts.map(({ text }) => text);
}

describe('secrets.json, as a worker follows it', () => {
  it('takes effect at the next request when it is changed', async () => {
    const current = followSecretsFile(file, log);
    expect(await hostsNow(current)).toBeUndefined();
    await writeFile(file, entryFor('one.example'));
    expect(await hostsNow(current)).toEqual(['one.example']);
    await writeFile(file, entryFor('two.example'));
    expect(await hostsNow(current)).toEqual(['two.example']);
  });

  it('stays as it was while it has a mistake, which is logged once', async () => {
    const current = followSecretsFile(file, log);
    await writeFile(file, entryFor('one.example'));
    await current();
    await writeFile(file, '{ "KAIT_SECRET_SHOP": { "hosts": ["*"] } }');
    expect(await hostsNow(current)).toEqual(['one.example']);
    expect(await hostsNow(current)).toEqual(['one.example']);
    expect(logged).toEqual([
      [{ problem: expect.stringContaining('KAIT1504') }, 'mistake in secrets.json, the last good version stays in use'],
    ]);
  });

  it.each(['', '{', '[]', '{ "KAIT_SECRET_SHOP": {} }'])(
    'lets nothing be sent while it is %j from the start',
    async (text) => {
      await writeFile(file, text);
      await expect(followSecretsFile(file, log)()).rejects.toMatchObject({
        type: 'SecretsUnreadable',
        nonRetryable: false,
        details: [{ effect: 'none' }],
      });
    },
  );

  it('is reported, and nothing is sent, while it has a mistake from the start', async () => {
    await writeFile(file, '[]');
    await expect(followSecretsFile(file, log)()).rejects.toMatchObject({ type: 'SecretsUnreadable' });
    expect(logged).toEqual([
      [{ problem: expect.stringContaining('KAIT1103') }, 'mistake in secrets.json, no secret is sent'],
    ]);
  });

  it('lets nothing be sent, for now, once it is gone', async () => {
    const current = followSecretsFile(file, log);
    await writeFile(file, entryFor('one.example'));
    await current();
    await rm(file);
    await expect(current()).rejects.toMatchObject({ type: 'SecretsUnreadable', nonRetryable: false });
    await writeFile(file, entryFor('one.example'));
    expect(await hostsNow(current)).toEqual(['one.example']);
  });
});

it.each([
  ['{\n  "KAIT_SECRET_X": "sk_live_4711"\n}', '2:20 error KAIT1103: Wrong type.'],
  ['{ "KAIT_SECRET_X": { "hosts": ["me:sk_live_4711@shop.example"] } }', '1:32 error KAIT1504: Not a host.'],
  ['{ "KAIT_SECRET_X": { "hosts": ["a.example"], "sk_live_4711": 1 } }', '1:46 error KAIT1101: Unknown property.'],
  ['{ "KAIT_SECRET_X": sk_live_4711 }', '1:20 error KAIT1001: Not JSON.'],
])('names the place of a secret that somebody wrote into it, and nothing of it: %s', async (text, place) => {
  await writeFile(file, text);
  expect(await readSecretsFile(file)).toEqual({
    bindings: null,
    problem: `${file}:${place}\n"kait validate" shows the text.`,
  });
});

it('reads no folder, and says so', async () => {
  const folder = await temporaryFolder();
  expect(await readSecretsFile(folder)).toEqual({
    bindings: null,
    problem: `${folder}: Expected a file, but this is a folder.`,
  });
});
