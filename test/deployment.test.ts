import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { settingTable } from '../settings.ts';

const root = join(import.meta.dirname, '..');
const read = (file: string) => readFile(join(root, file), 'utf8');

const compose = await read('docker-compose.yml');
const example = await read('.env.example');
const matches = (text: string, pattern: RegExp) =>
  [...new Set([...text.matchAll(pattern)].map((match) => match[1]!))].sort();

describe('the production container files', () => {
  it('give every required variable an empty line in .env.example, and so no default password', () => {
    expect(matches(example, /^([A-Z_]+)=$/gm)).toEqual(matches(compose, /\$\{([A-Z_]+):\?set it in \.env\}/g));
    expect(matches(example, /^([A-Z_]+=.+)$/gm)).toEqual([]);
  });

  it('name every optional variable in .env.example, commented out', () => {
    expect(matches(example, /^#([A-Z_]+)=/gm)).toEqual(matches(compose, /\$\{([A-Z_]+):-/g));
  });

  it('set only variables that Kait knows', async () => {
    const known = Object.keys(settingTable);
    const set = matches(compose, /^ {2,6}(KAIT_[A-Z_]+|LOG_LEVEL|SMTP_URL|DATABASE_URL):/gm);
    expect(set.filter((name) => !known.includes(name))).toEqual(['KAIT_DATABASE_PASSWORD']); // For the script that creates the role.
    expect(known).toEqual(
      expect.arrayContaining(matches(await read('Dockerfile'), /^(?:ENV| {3,}) ?(KAIT_[A-Z_]+)=/gm)),
    );
  });

  it('publish nothing but the receiver beyond this machine', () => {
    const published = matches(compose, /^ {6}- (\S+:\d+)$/gm);
    expect(published).toEqual(['${KAIT_PUBLISH:-8700}:8700', '127.0.0.1:7233:7233', '127.0.0.1:8233:8080']);
  });

  it('start Temporal’s Web UI only when it is asked for, because it answers whoever reaches it', () => {
    expect(/^ {2}temporal-ui:\n(?: {4}#.*\n)*( {4}\S.*)$/m.exec(compose)?.[1]).toBe('    profiles: [ui]');
  });

  it('mount only files that exist', async () => {
    const mounted = matches(compose, /^ {6}- \.\/docker\/([^:]+):/gm);
    expect((await readdir(join(root, 'docker'))).sort()).toEqual(mounted);
  });

  it('run one release of Temporal’s server and tools', () => {
    expect(matches(compose, /image: (temporalio\/(?:server|admin-tools):\S+)$/gm)).toEqual([
      'temporalio/admin-tools:1.32.0',
      'temporalio/server:1.32.0',
    ]);
  });

  it('keep every env file out of the image', async () => {
    const ignored = (await read('.dockerignore')).split('\n');
    expect(ignored).toEqual(expect.arrayContaining(['.env', '.env.*', '*.env', '.git', '.kait', 'node_modules']));
  });
});
