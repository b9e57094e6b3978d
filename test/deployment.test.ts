import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { settingTable } from '../settings.ts';

const root = join(import.meta.dirname, '../templates/project');
const read = (file: string) => readFile(join(root, file), 'utf8');

const compose = await read('docker-compose.yml');
const example = await read('env.example');
const matches = (text: string, pattern: RegExp) =>
  [...new Set([...text.matchAll(pattern)].map((match) => match[1]!))].sort();

describe('the production container files', () => {
  it('name every variable in .env.example, commented out, so that none has a password for everybody', () => {
    const named = matches(example, /^#([A-Z_]+)=/gm);
    expect(matches(compose, /\$\{([A-Z_]+):[?-]/g).filter((name) => !named.includes(name))).toEqual([]);
    expect(matches(example, /^([A-Z_]+=.*)$/gm)).toEqual([]);
    expect(matches(example, /^#([A-Z_]*(?:PASSWORD|TOKEN|SECRETS_KEY)=.+)$/gm)).toEqual([]);
  });

  it('give Kait’s processes no password of the database’s administrator or of Temporal, and the worker no admin token', () => {
    expect(matches(compose, /^ +([A-Z_]+): ''$/gm)).toEqual([
      'KAIT_ADMIN_TOKEN',
      'KAIT_DATABASE_PASSWORD',
      'KAIT_OIDC_CLIENT_SECRET',
      'KAIT_SECRETS_KEY',
      'POSTGRES_PASSWORD',
      'TEMPORAL_DATABASE_PASSWORD',
    ]);
  });

  it('trust the forwarded address of their own proxy only', () => {
    expect(matches(compose, /(?:KAIT_TRUSTED_PROXIES:-|ipv4_address: )([\d.]+)/g)).toEqual(['172.30.77.2']);
  });

  it('set only variables that Kait knows', async () => {
    const known = Object.keys(settingTable);
    const set = matches(compose, /^ {2,6}(KAIT_[A-Z_]+|LOG_LEVEL|SMTP_URL|DATABASE_URL):/gm);
    expect(set.filter((name) => !known.includes(name))).toEqual(['KAIT_DATABASE_PASSWORD', 'KAIT_DOMAIN']); // For the script that creates the role, and for Caddy.
    expect(known).toEqual(
      expect.arrayContaining(matches(await read('Dockerfile'), /^(?:ENV| {3,}) ?(KAIT_[A-Z_]+)=/gm)),
    );
  });

  it('publish nothing but the proxy beyond this machine', () => {
    const published = matches(compose, /^ {6}- (\S+:\d+)$/gm);
    expect(published).toEqual([
      '${KAIT_PUBLISH:-127.0.0.1:8700}:8700',
      '127.0.0.1:7233:7233',
      '127.0.0.1:8233:8080',
      '443:443',
      '80:80',
    ]);
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

  it('put nothing into the image but packages, definitions, activities and migrations', async () => {
    expect(await read('dockerignore')).toBe(
      '*\n!package.json\n!package-lock.json\n!tsconfig.json\n!definitions\n!activities\n!migrations\n',
    );
  });
});
