import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { loadConfig, lookupSecret } from '../config.ts';
import { settings, settingTable } from '../settings.ts';
import { temporaryFolder } from './temporary-folder.ts';

let folder: string;
beforeEach(async () => {
  folder = await temporaryFolder();
});

async function file(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

const invalid = (message: string) => ({ code: 'KAIT_CONFIG_INVALID', message });
const thrownBy = (environment: NodeJS.ProcessEnv): unknown => {
  try {
    return loadConfig(environment);
  } catch (error) {
    return error;
  }
};

describe('the configuration', () => {
  it('needs nothing to be set', () => {
    expect(loadConfig({})).toEqual({
      home: resolve('.kait'),
      definitions: resolve(import.meta.dirname, '../definitions'),
      definitionsFrom: 'files',
      migrations: resolve(import.meta.dirname, '../migrations'),
      receiver: {
        host: '127.0.0.1',
        port: 8700,
        publicUrl: null,
        trustedProxies: [],
        bodyLimitBytes: 1_048_576,
        headerLimitBytes: 16_384,
        connections: 2_000,
      },
      portal: { origins: [], name: 'Webhooks', accent: '#3b4fd8' },
      overload: { backlogLimit: 1_000_000, diskReserveBytes: 268_435_456 },
      admin: { host: '127.0.0.1', port: 8701, names: ['127.0.0.1'], url: null, token: null, oidc: null },
      database: { url: null, connections: 10 },
      temporal: { kind: 'embedded', namespace: 'default' },
      installation: null,
      inbox: { limit: 10_000 },
      dispatch: { concurrency: 16 },
      worker: { concurrentActivities: 200, cachedRuns: 500, keepsStacks: false, healthPort: null },
      mail: {
        smtpUrl: null,
        allowPlaintext: false,
        from: 'Kait <kait@localhost>',
        operator: null,
        format: { locale: null, timeZone: 'UTC' },
      },
      outbound: {
        proxy: null,
        allow: [],
        scheduleMs: [0, 5_000, 300_000, 1_800_000, 7_200_000, 18_000_000, 36_000_000, 36_000_000],
        parkedMs: 2_592_000_000,
        tenantAllow: [],
        tenantEndpoints: 10,
      },
      secretKeys: null,
      logLevel: 'info',
      shown: expect.any(Array),
    });
  });

  it('reads every setting', () => {
    const config = loadConfig({
      KAIT_HOME: '/srv/kait',
      KAIT_DEFINITIONS: '/srv/definitions',
      KAIT_HOST: '::',
      KAIT_PORT: '0',
      KAIT_PUBLIC_URL: 'https://hooks.example.com',
      KAIT_TRUSTED_PROXIES: '10.0.0.7, fd00::/8',
      KAIT_BODY_LIMIT: '256KiB',
      KAIT_HEADER_LIMIT: '8192',
      KAIT_MAX_CONNECTIONS: '500',
      KAIT_BACKLOG_LIMIT: '5000',
      KAIT_DISK_RESERVE: '2GiB',
      KAIT_ADMIN_HOST: 'localhost',
      KAIT_ADMIN_PORT: '9001',
      KAIT_ADMIN_HOSTS: 'kait.internal, ops.example.com',
      KAIT_ADMIN_URL: 'http://127.0.0.1:9001',
      KAIT_ADMIN_TOKEN: 'sixteen-letters!',
      DATABASE_URL: 'postgres://kait:pw@db:5432/kait',
      DATABASE_CONNECTIONS: '20',
      TEMPORAL_ADDRESS: 'temporal:7233',
      TEMPORAL_NAMESPACE: 'payments',
      TEMPORAL_TLS: 'false',
      KAIT_TEMPORAL_UI: 'https://temporal.example.com',
      KAIT_INSTALLATION: 'shop-staging',
      KAIT_INBOX_LIMIT: '500',
      KAIT_DISPATCH_CONCURRENCY: '4',
      KAIT_WORKER_ACTIVITIES: '50',
      KAIT_WORKER_CACHE: '0',
      KAIT_WORKER_STACKS: 'true',
      SMTP_URL: 'smtps://me:pw@mail:465',
      KAIT_SMTP_PLAINTEXT: 'true',
      KAIT_MAIL_FROM: 'shop@example.com',
      KAIT_OPERATOR_MAIL: 'ops@example.com',
      KAIT_OUTBOUND_ALLOW: '10.0.0.0/8, ::1',
      KAIT_OUTBOUND_SCHEDULE: '0s, 500ms,1h',
      KAIT_OUTBOUND_PARKED: '7d',
      KAIT_TENANT_ALLOW: '10.7.0.0/16',
      KAIT_TENANT_ENDPOINTS: '3',
      LOG_LEVEL: 'warn',
    });
    expect(config).toMatchObject({
      home: '/srv/kait',
      definitions: '/srv/definitions',
      migrations: '/srv/migrations',
      receiver: {
        host: '::',
        port: 0,
        publicUrl: 'https://hooks.example.com',
        trustedProxies: ['10.0.0.7', 'fd00::/8'],
        bodyLimitBytes: 262_144,
        headerLimitBytes: 8_192,
        connections: 500,
      },
      overload: { backlogLimit: 5_000, diskReserveBytes: 2_147_483_648 },
      admin: {
        host: 'localhost',
        port: 9001,
        names: ['kait.internal', 'ops.example.com', 'localhost', '127.0.0.1'],
        url: 'http://127.0.0.1:9001',
        token: 'sixteen-letters!',
      },
      database: { url: 'postgres://kait:pw@db:5432/kait', connections: 20 },
      temporal: {
        kind: 'cluster',
        namespace: 'payments',
        connection: { address: 'temporal:7233', tls: false },
        uiUrl: 'https://temporal.example.com',
      },
      installation: 'shop-staging',
      inbox: { limit: 500 },
      dispatch: { concurrency: 4 },
      worker: { concurrentActivities: 50, cachedRuns: 0, keepsStacks: true },
      mail: {
        smtpUrl: 'smtps://me:pw@mail:465',
        allowPlaintext: true,
        from: 'shop@example.com',
        operator: 'ops@example.com',
      },
      outbound: {
        allow: ['10.0.0.0/8', '::1'],
        proxy: null,
        scheduleMs: [0, 500, 3_600_000],
        parkedMs: 604_800_000,
        tenantAllow: ['10.7.0.0/16'],
        tenantEndpoints: 3,
      },
      secretKeys: null,
      logLevel: 'warn',
    });
  });

  it('treats an empty value as not set', () => {
    const empty = Object.fromEntries(Object.keys(settingTable).map((name) => [name, '']));
    expect(loadConfig(empty)).toEqual(loadConfig({}));
  });

  it.each(['shop-deliveries', 'shop-large'])('refuses the installation %s, a task queue of another one', (name) => {
    expect(thrownBy({ KAIT_INSTALLATION: name })).toMatchObject(
      invalid(
        `KAIT_INSTALLATION is "${name}", but must be 2 to 40 lower-case letters, digits and hyphens, such as shop-staging, and must not end in -deliveries or -large`,
      ),
    );
  });

  it('reads how people log in by OpenID Connect', () => {
    const config = loadConfig({
      KAIT_OIDC_ISSUER: 'https://id.example.com/realms/shop',
      KAIT_OIDC_CLIENT_ID: 'kait',
      KAIT_OIDC_CLIENT_SECRET: 'hunter2',
      KAIT_OIDC_ROLES: 'groups=payments:operator, urn:x:roles=a:b:admin',
    });
    expect(config.admin.oidc).toEqual({
      issuer: 'https://id.example.com/realms/shop',
      clientId: 'kait',
      clientSecret: 'hunter2',
      roles: [
        { claim: 'groups', value: 'payments', scope: 'operate' },
        { claim: 'urn:x:roles', value: 'a:b', scope: 'admin' },
      ],
    });
    expect(loadConfig({}).admin.oidc).toBeNull();
  });

  it.each([
    [{ KAIT_OIDC_ISSUER: 'https://id.example.com' }, 'KAIT_OIDC_CLIENT_ID and KAIT_OIDC_ROLES'],
    [{ KAIT_OIDC_CLIENT_SECRET: 'x' }, 'KAIT_OIDC_ISSUER and KAIT_OIDC_CLIENT_ID and KAIT_OIDC_ROLES'],
    [{ KAIT_OIDC_ROLES: 'groups=a:viewer', KAIT_OIDC_CLIENT_ID: 'kait' }, 'KAIT_OIDC_ISSUER'],
  ])('takes no half of a log-in by OpenID Connect: %j', (variables, missing) => {
    expect(thrownBy(variables)).toMatchObject(invalid(`Log-in by OpenID Connect also needs ${missing}`));
  });

  it.each(['http://id.example.com', 'https://me:pw@id.example.com', 'id.example.com', 'https://id.example.com?x=1'])(
    'takes no issuer such as %s',
    (issuer) => {
      expect(thrownBy({ KAIT_OIDC_ISSUER: issuer })).toMatchObject({
        code: 'KAIT_CONFIG_INVALID',
        message: expect.stringContaining(
          'must be a URL such as https://id.example.com/realms/shop, with http only on this machine',
        ),
      });
    },
  );

  it('lists all invalid variables at once', () => {
    expect(
      thrownBy({ KAIT_PORT: 'http', DATABASE_CONNECTIONS: '1', LOG_LEVEL: 'verbose', KAIT_OUTBOUND_ALLOW: '10' }),
    ).toMatchObject(
      invalid(
        'LOG_LEVEL is "verbose", but must be one of trace, debug, info, warn, error, silent\n' +
          'KAIT_PORT is "http", but must be a port from 0 to 65535\n' +
          'DATABASE_CONNECTIONS is "1", but must be a whole number from 2 to 1000\n' +
          'KAIT_OUTBOUND_ALLOW is "10", but must be a comma-separated list of networks such as 10.0.0.0/8',
      ),
    );
  });

  it.each([
    [
      'DATABASE_URL',
      'mysql://me:hunter2@db/kait',
      'DATABASE_URL must be a URL such as postgres://kait@db.example.com:5432/kait',
    ],
    ...[
      'me:hunter2@mail',
      'smtp://',
      'smtp://me:50%25%off@mail',
      'smtp://me:hunter2@mail?ignoreTLS=true',
      'smtp://mail?tls.rejectUnauthorized=false',
    ].map((value) => [
      'SMTP_URL',
      value,
      'SMTP_URL must be a URL such as smtp://user:password@mail.example.com:587, without parameters',
    ]),
    ...[
      'me:hunter2@proxy',
      'socks5://me:hunter2@proxy',
      'http://me:hunter2@proxy/path',
      'http://me:50%25%off@proxy',
      'http://me:hunter2@proxy?x=1',
    ].map((value) => [
      'KAIT_OUTBOUND_PROXY',
      value,
      'KAIT_OUTBOUND_PROXY must be a URL such as http://user:password@proxy.example.com:3128, without a path',
    ]),
    [
      'KAIT_ADMIN_TOKEN',
      'hunter2',
      'KAIT_ADMIN_TOKEN must be 16 to 1,000 printable ASCII characters, without a space at either end',
    ],
    [
      'KAIT_ADMIN_TOKEN',
      'kata sandi kopi ☕ pagi',
      'KAIT_ADMIN_TOKEN must be 16 to 1,000 printable ASCII characters, without a space at either end',
    ],
    [
      'KAIT_ADMIN_TOKEN',
      'ends-with-a-line-break\n',
      'KAIT_ADMIN_TOKEN must be 16 to 1,000 printable ASCII characters, without a space at either end',
    ],
    [
      'KAIT_ADMIN_TOKEN',
      'x'.repeat(1_001),
      'KAIT_ADMIN_TOKEN must be 16 to 1,000 printable ASCII characters, without a space at either end',
    ],
  ])('does not show an invalid %s, because it is a secret', (name, value, message) => {
    expect(thrownBy({ [name]: value })).toMatchObject(invalid(message));
  });

  const ambiguous: [name: string, values: string[]][] = [
    ['KAIT_PORT', ['65536', '-1', '1e3', '80.5', ' 80', '0x50']],
    ['KAIT_HOST', ['http://localhost', 'a b']],
    ['KAIT_PUBLIC_URL', ['hooks.example.com', 'ftp://example.com']],
    ['KAIT_BODY_LIMIT', ['1 MiB', '1mib', '1.5MiB', '1023', '17MiB', '1e6', '-1']],
    ['KAIT_TRUSTED_PROXIES', ['10', 'proxy', '10.0.0.0/33']],
    ['KAIT_SMTP_PLAINTEXT', ['yes', '1', 'TRUE']],
    ['KAIT_MAIL_FROM', ['nobody', 'a@b\r\nBcc: c@d', 'Shop <a@b>, <c@d>']],
    ['KAIT_OPERATOR_MAIL', ['nobody', 'ops@localhost', 'Ops <ops@example.com>', 'a@b.example,c@d.example']],
    ['KAIT_OUTBOUND_ALLOW', ['10.0.0.0/33', '10', '127.1', 'localhost', '10.0.0.0/8,']],
    ['KAIT_OUTBOUND_PROXY_BYPASS', ['*.internal', '10.0.0.0/33', 'a b', 'http://a', 'a,,b']],
    ['KAIT_OUTBOUND_SCHEDULE', ['5', '5s;1m', '400d', '5s,,1m']],
    ['KAIT_OUTBOUND_PARKED', ['30', '59m', '366d', 'never', '7d,8d', '-1d']],
    ['TEMPORAL_ADDRESS', ['temporal', 'http://temporal:7233']],
    ['TEMPORAL_TLS', ['yes', 'TRUE']],
  ];
  it.each(ambiguous.flatMap(([name, values]) => values.map((value) => [name, value] as const)))(
    'does not guess at %s=%j',
    (name, value) => {
      expect(thrownBy({ [name]: value })).toMatchObject({ message: expect.stringMatching(`^${name} is `) });
    },
  );

  it('does not accept the same port for the receiver and the API', () => {
    expect(thrownBy({ KAIT_ADMIN_PORT: '8700' })).toMatchObject(
      invalid('KAIT_PORT and KAIT_ADMIN_PORT are both 8700, but each needs a port of its own'),
    );
    expect(loadConfig({ KAIT_PORT: '0', KAIT_ADMIN_PORT: '0' }).admin.port).toBe(0);
  });

  it('belongs to one group of the documentation', () => {
    expect(settings.map(({ name }) => name)).toEqual(Object.keys(settingTable));
  });

  it.each(settings)('documents $name in whole sentences', ({ meaning, expects }) => {
    expect(meaning).toMatch(/^[A-Z].*\.$/);
    expect(expects).not.toBe('');
  });

  it.each(settings.filter((setting) => setting.default !== null))('accepts the default of $name', (setting) => {
    expect(() => loadConfig({ [setting.name]: setting.default ?? '' })).not.toThrow();
  });
});

describe('the choice of Temporal', () => {
  it('is embedded even if a TOML file is in the default place', () => {
    expect(loadConfig({ HOME: folder, TEMPORAL_NAMESPACE: 'shop' }).temporal).toEqual({
      kind: 'embedded',
      namespace: 'shop',
    });
  });

  it('is the cluster of a profile', async () => {
    const toml = await file(
      'temporal.toml',
      '[profile.prod]\naddress = "cloud:7233"\nnamespace = "shop"\napi_key = "k"\n',
    );
    expect(loadConfig({ TEMPORAL_CONFIG_FILE: toml, TEMPORAL_PROFILE: 'prod' }).temporal).toMatchObject({
      kind: 'cluster',
      namespace: 'shop',
      connection: { address: 'cloud:7233', apiKey: 'k', tls: true },
    });
  });

  it.each([
    [
      { TEMPORAL_PROFILE: 'prod' },
      "The TEMPORAL_* variables (TEMPORAL_PROFILE) do not name a usable connection: Profile 'prod' not found in config data",
    ],
    [
      { TEMPORAL_CONFIG_FILE: '/nowhere.toml' },
      'TEMPORAL_CONFIG_FILE must lead to an address: set TEMPORAL_ADDRESS, or `address` in the profile',
    ],
  ])('fails if %o leads to no address', (variables, message) => {
    expect(thrownBy({ ...variables, HOME: folder })).toMatchObject(invalid(message));
  });

  it('does not show the lines around a TOML error', async () => {
    const toml = await file('temporal.toml', '[profile.default]\napi_key = "hunter2"\naddress = broken\n');
    const error = thrownBy({ TEMPORAL_CONFIG_FILE: toml });
    expect(error).toMatchObject({ code: 'KAIT_CONFIG_INVALID' });
    expect(String(error)).not.toContain('hunter2');
  });

  it.each([
    [{ TEMPORAL_ADDRESS: 'cloud:7233', TEMPORAL_API_KEY: 'cloud-key', TEMPORAL_TLS: 'false' }],
    [{ TEMPORAL_ADDRESS: 'evil@cloud:7233', TEMPORAL_API_KEY: 'cloud-key', TEMPORAL_TLS: '0' }],
  ])('sends no API key without TLS to another machine', (variables) => {
    expect(thrownBy(variables)).toMatchObject(
      invalid('Temporal’s API key would be readable on the way to the cluster. Leave TLS on, or set no API key'),
    );
  });

  it('sends an API key without TLS to this machine', () => {
    const variables = { TEMPORAL_ADDRESS: '127.0.0.1:7233', TEMPORAL_API_KEY: 'cloud-key', TEMPORAL_TLS: 'false' };
    expect(loadConfig(variables).temporal).toMatchObject({ connection: { apiKey: 'cloud-key', tls: false } });
  });

  it('takes the API key from a file', async () => {
    const keyFile = await file('key', 'cloud-key\n');
    const { temporal } = loadConfig({ TEMPORAL_ADDRESS: 'cloud:7233', TEMPORAL_API_KEY_FILE: keyFile });
    expect(temporal).toMatchObject({ connection: { apiKey: 'cloud-key', tls: true } });
  });
});

describe('secrets', () => {
  it('come from the variable, or else from the file that NAME_FILE names', async () => {
    const secretFile = await file('secret', 'whsec_from_file\n');
    expect(lookupSecret('STRIPE', { STRIPE: 'whsec_direct', STRIPE_FILE: secretFile })).toBe('whsec_direct');
    expect(lookupSecret('STRIPE', { STRIPE: '', STRIPE_FILE: secretFile })).toBe('whsec_from_file');
    expect(lookupSecret('STRIPE', {})).toBeUndefined();
  });

  it.each([
    ['inner\nlines \n', 'inner\nlines '],
    ['windows\r\n', 'windows'],
    ['two\n\n', 'two\n'],
    ['\n', undefined],
  ])('lose one line break at the end of the file: %j', async (text, value) => {
    expect(lookupSecret('STRIPE', { STRIPE_FILE: await file('secret', text) })).toBe(value);
  });

  it('are not properties that every object inherits', () => {
    expect(lookupSecret('constructor', {})).toBeUndefined();
    expect(lookupSecret('__proto__', {})).toBeUndefined();
  });

  it('name the variable if the file cannot be read', () => {
    const missing = join(folder, 'missing');
    const message = `STRIPE_FILE names a file that cannot be read: ${missing} (ENOENT)`;
    expect(() => lookupSecret('STRIPE', { STRIPE_FILE: missing })).toThrow(expect.objectContaining(invalid(message)));
    expect(thrownBy({ DATABASE_URL_FILE: missing, KAIT_PORT: 'x' })).toMatchObject(
      invalid(
        'KAIT_PORT is "x", but must be a port from 0 to 65535\n' +
          `DATABASE_URL_FILE names a file that cannot be read: ${missing} (ENOENT)`,
      ),
    );
  });
});
