import { cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openDevelopmentSecrets } from '../../../cli/compose/development-secrets.ts';
import { mountGateways } from '../../../cli/compose/mount-gateways.ts';
import { presetsFolder } from '../../server/gateway/gateways.ts';
import { temporaryFolder } from '../../temporary-folder.ts';

const receiver = {
  publicUrl: 'https://x.example',
  host: '127.0.0.1',
  port: 8700,
  trustedProxies: [],
  bodyLimitBytes: 1_048_576,
  headerLimitBytes: 16_384,
  connections: 100,
};

it.each([undefined, ''])(
  'keeps the last good secret if a rotation makes it %j, and takes the next one',
  async (lost) => {
    const definitions = await temporaryFolder();
    await cp(presetsFolder, join(definitions, 'gateways'), { recursive: true });
    await writeFile(
      join(definitions, 'sources.json'),
      JSON.stringify({ shop: { gateway: 'stripe', secrets: ['STRIPE'] } }),
    );
    let value: string | undefined = 'whsec_one';
    const secrets = await openDevelopmentSecrets(definitions, () => value);
    const gateways = await mountGateways({ definitions, receiver }, secrets.lookups);
    const secretsInUse = () => gateways.sources.find('shop')?.credentials.secrets;

    value = lost;
    await expect(gateways.remount()).rejects.toMatchObject({
      code: 'KAIT_SECRET_MISSING',
      message: expect.stringContaining('STRIPE (source "shop")'),
    });
    expect(secretsInUse()).toEqual(['whsec_one']);

    value = 'whsec_two ';
    expect(await gateways.remount()).toBe(true);
    expect(secretsInUse()).toEqual(['whsec_two ']);
    expect(gateways.sources.find('shop')?.secretFaults).toEqual([
      { variable: 'STRIPE', fault: 'ends with a blank or a line break' },
    ]);
  },
);

it.each([
  ['', false],
  ['rk_live_1', true],
])(
  'never makes up an API key: with STRIPE_API_KEY set to "%s", events wait for answers: %s',
  async (key, completes) => {
    const definitions = await temporaryFolder();
    await cp(presetsFolder, join(definitions, 'gateways'), { recursive: true });
    await writeFile(
      join(definitions, 'sources.json'),
      JSON.stringify({ stripe: { gateway: 'stripe', secrets: ['STRIPE_WEBHOOK_SECRET'] } }),
    );
    const environment = new Map([['STRIPE_API_KEY', key]]);
    const secrets = await openDevelopmentSecrets(definitions, (name) => environment.get(name));
    const gateways = await mountGateways({ definitions, receiver }, secrets.lookups);
    expect(gateways.sources.find('stripe')?.completes).toBe(completes);
    expect(secrets.generated()).toEqual(['STRIPE_WEBHOOK_SECRET']);
  },
);

it('mounts what it can if it is to be tolerant, and the rest once the mistake is corrected', async () => {
  const definitions = await temporaryFolder();
  const file = join(definitions, 'sources.json');
  await cp(presetsFolder, join(definitions, 'gateways'), { recursive: true });
  await writeFile(join(definitions, 'gateways/xendit.json'), '{ "title": 5 }');
  await writeFile(file, '{ "shop": ');
  const lookups = { lookupSecret: () => 'whsec_one' };
  const gateways = await mountGateways({ definitions, receiver }, lookups, undefined, undefined, { tolerant: true });
  expect(gateways.faults().map(({ what }) => what)).toEqual(['gateways/xendit.json', 'sources.json']);
  expect(gateways.sources.mayBelongAt('/in/shop')).toBe(true);
  expect(() => gateways.readData('xendit', Buffer.from('{}'), 'application/json')).toThrow(
    'gateways/xendit.json has a mistake',
  );

  await writeFile(
    file,
    JSON.stringify({ shop: { gateway: 'stripe', secrets: ['S'] }, other: { gateway: 'xendit', secrets: ['X'] } }),
  );
  expect(await gateways.remount()).toBe(true);
  expect(gateways.sources.all().map(({ name }) => name)).toEqual(['shop']);
  expect(gateways.awaited()).toEqual(['gateways/xendit.json', 'sources.json (other)']);
});
