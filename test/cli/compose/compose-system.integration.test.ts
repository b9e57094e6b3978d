import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { composeSystem } from '../../../cli/compose/compose-system.ts';
import { loadConfig } from '../../../config.ts';
import { settings } from '../../../settings.ts';
import type { Database } from '../../../storage/database.ts';
import { createRetentionJob } from '../../../storage/retention-job.ts';
import { projectMigrations } from '../../../storage/schema.ts';
import { openApi } from '../../server/api/api-fixture.ts';
import { addApiKey } from '../../../server/api/keys/api-keys.ts';
import { type SharedDatabase, bothDatabases } from '../../services/both-databases.ts';
import { temporaryFolder } from '../../temporary-folder.ts';

/** Each secret of Kait, with what must not be seen of it. */
const secrets: Record<string, readonly [text: string, ...parts: string[]]> = {
  KAIT_ADMIN_TOKEN: ['hush-admin-token-1'],
  KAIT_OIDC_CLIENT_SECRET: ['hush-oidc-2'],
  DATABASE_URL: ['postgres://kait:hush-data%2Dbase-3@db.example:5432/kait', 'hush-data%2Dbase-3', 'hush-data-base-3'],
  TEMPORAL_API_KEY: ['hush-temporal-4'],
  KAIT_OUTBOUND_PROXY: ['http://user:hush-proxy-5@proxy.example:3128', 'hush-proxy-5'],
  KAIT_SECRETS_KEY: ['a1b2c3d4'.repeat(8)],
  SMTP_URL: ['smtp://user:hush-smtp-6@mail.example:587', 'hush-smtp-6'],
};

/** Passwords where they do not belong. */
const misplaced = {
  KAIT_PUBLIC_URL: 'https://user:hush-public-7@hooks.example.com/?token=hush-query-8',
  KAIT_ADMIN_URL: 'https://hush-user-9@kait.example.com/#hush-hash-10',
  KAIT_TEMPORAL_UI: 'https://temporal.example.com/?key=hush-key-11',
  TEMPORAL_ADDRESS: 'kait:hush-address-12@temporal.example.com:7233',
  // Somebody has used the same text twice.
  KAIT_PORTAL_NAME: 'hush-admin-token-1',
};

const others = {
  ...{ KAIT_OIDC_ISSUER: 'https://id.example.com', KAIT_OIDC_CLIENT_ID: 'kait' },
  KAIT_OIDC_ROLES: 'groups=payments:operator, email=sari@example.com:viewer',
};

const temporal = {
  namespace: 'shop',
  connection: {
    workflowService: {
      getSystemInfo: () => Promise.resolve({ serverVersion: '1.29.1' }),
      describeNamespace: () => Promise.resolve({ config: { workflowExecutionRetentionTtl: { seconds: 259_200 } } }),
    },
  },
} as unknown as Parameters<typeof composeSystem>[0]['temporal']; // Only these methods are called.

const now = () => new Date('2026-11-28T00:00:00Z');
const log = { info: () => undefined, warn: () => undefined };

function systemOf(database: Database, environment: Record<string, string>, more: object = {}) {
  const sources = () => [{ source: 'stripe', keepBodiesMs: 1_000, keepEventsMs: null }];
  return composeSystem({
    ...{ config: loadConfig(environment), database, temporal },
    retention: createRetentionJob({ database, sources, log, now }),
    served: { settings: { types: { shopUrl: 'url' }, values: { shopUrl: 'https://shop.example' } } },
    ...more,
  });
}

describe.each(bothDatabases)('the system, on %s,', (kind, open) => {
  let shared: SharedDatabase;
  let database: Database;
  beforeAll(async () => {
    shared = await open();
    [database] = shared.databases;
    const row = { checksum: 'x', appliedAt: new Date('2026-11-01T00:00:00Z') };
    await database.orm.insert(projectMigrations).values([
      { ...row, name: '0001_points.sql' },
      { ...row, name: '0002_more.sql' },
    ]);
  });
  afterAll(() => shared.close());

  it('tells versions, health, retention and settings', async () => {
    const ask = openApi({ database, system: systemOf(database, { KAIT_PORT: '9000' }) });
    const { status, body } = await ask({ url: '/api/v1/system' });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      process: { node: process.version, name: expect.stringMatching(/:\d+$/) },
      temporal: { version: '1.29.1', retentionHours: 72 },
      database: {
        problem: null,
        version: expect.stringMatching(/^1\d\.\d/),
        bytes: expect.any(Number),
        migrations: { applied: 1, known: 1 },
        projectMigrations: { applied: 2, latest: '0002_more.sql' },
        connections:
          kind === 'PGlite' ? null : { own: expect.any(Number), open: expect.any(Number), most: expect.any(Number) },
      },
      retention: {
        everySeconds: 3_600,
        rules: expect.arrayContaining([
          {
            subject: 'bodies',
            source: 'stripe',
            keepSeconds: 1,
            atMost: null,
            lastAt: null,
            removed: null,
            untilForgotten: false,
            tables: ['bodies'],
          },
          {
            subject: 'event-details',
            source: 'stripe',
            keepSeconds: null,
            atMost: null,
            lastAt: null,
            removed: null,
            untilForgotten: false,
            tables: ['events', 'event_keys', 'turns'],
          },
          {
            subject: 'rejections',
            source: null,
            keepSeconds: 2_592_000,
            atMost: 10_000,
            lastAt: null,
            removed: null,
            untilForgotten: false,
            tables: ['rejections'],
          },
          {
            subject: 'payloads',
            source: null,
            keepSeconds: 0,
            atMost: null,
            lastAt: null,
            removed: null,
            untilForgotten: true,
            tables: ['payloads'],
          },
        ]),
      },
      settings: expect.arrayContaining([
        expect.objectContaining({ name: 'KAIT_PORT', value: '9000', origin: 'environment', group: 'Receiver' }),
        expect.objectContaining({ name: 'KAIT_HOST', value: '127.0.0.1', origin: 'default' }),
        expect.objectContaining({ name: 'KAIT_ADMIN_TOKEN', value: null, origin: 'default', isSecret: true }),
      ]),
      projectSettings: [{ name: 'shopUrl', value: '"https://shop.example"', origin: 'file' }],
    });
  });

  it('tells nothing of any secret, nor of passwords where they do not belong', async () => {
    const environment = {
      ...Object.fromEntries(Object.entries(secrets).map(([name, [text]]) => [name, text])),
      ...misplaced,
      ...others,
    };
    const ask = openApi({ database, system: systemOf(database, environment) });
    const { body } = await ask({ url: '/api/v1/system' });
    const text = JSON.stringify(body);
    expect(text).not.toMatch(/hush|a1b2c3d4/);
    const hidden = (
      body as { settings: { name: string; isSecret: boolean; value: unknown; origin: string }[] }
    ).settings
      .filter(({ isSecret }) => isSecret)
      .map(({ name, value, origin }) => [name, value, origin])
      .sort();
    expect(hidden).toEqual(
      Object.keys(secrets)
        .map((name) => [name, null, 'environment'])
        .sort(),
    );
    expect(text).toContain('"https://[redacted]@hooks.example.com/?[redacted]"');
    expect(text).toContain('email=sari@example.com:viewer');
  });

  it('tells that a secret comes from a file, and nothing of it', async () => {
    const folder = await temporaryFolder();
    const given = await Promise.all(
      Object.entries(secrets).map(async ([name, [text]]) => {
        await writeFile(join(folder, name), text);
        return [`${name}_FILE`, join(folder, name)] as const;
      }),
    );
    const environment = { ...Object.fromEntries(given), ...others, TEMPORAL_ADDRESS: '127.0.0.1:7233' };
    const { settings: shown } = await systemOf(database, environment)();
    const ofSecrets = shown.filter(({ isSecret }) => isSecret);
    expect(ofSecrets.map(({ origin }) => origin)).toEqual(Object.keys(secrets).map(() => 'file'));
    expect(JSON.stringify(shown)).not.toMatch(/hush|a1b2c3d4/);
  });

  it('tells what it does not know as null, and nothing of a secret in an error', async () => {
    const away = () => Promise.reject(new Error('connect to postgres://kait:hush-3@db.example failed'));
    const broken: Database = { ...database, ping: away, run: away };
    const nowhere = {
      namespace: 'shop',
      connection: {
        get workflowService() {
          throw new Error('Temporal is still starting');
        },
      },
    };
    const { database: ofDatabase, temporal: ofTemporal } = await systemOf(broken, {}, { temporal: nowhere })();
    expect(ofDatabase).toMatchObject({
      problem: 'connect to postgres://[redacted]@db.example failed',
      ...{ version: null, bytes: null, connections: null, migrations: null, answeredInMs: null },
    });
    expect(ofTemporal).toEqual({ version: null, answeredInMs: null, retentionHours: null });
  });

  it('is not for viewers', async () => {
    const ask = openApi({ database, system: systemOf(database, {}) });
    const statusWith = async (scope: 'read' | 'operate') => {
      const key = await addApiKey(database, { name: `${kind} ${scope}`, scope, expiresAt: null, actor: 'test' });
      const headers = { authorization: `Bearer ${key!.secret}` };
      return (await ask({ url: '/api/v1/system', headers })).status;
    };
    expect([await statusWith('read'), await statusWith('operate')]).toEqual([403, 200]);
  });
});

it('tries every secret that there is', () => {
  expect(Object.keys(secrets).sort()).toEqual(
    settings
      .filter(({ secret }) => secret)
      .map(({ name }) => name)
      .sort(),
  );
});
