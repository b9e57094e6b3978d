import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sharedTemporaryFolder } from '../temporary-folder.ts';
import { packagedDefinitions, runKait, startKait, type KaitCommand } from './kait-command.ts';

/* Sources come, change their secrets and go wrong while one Kait runs. */

const folder = sharedTemporaryFolder();
let kait: KaitCommand;
let environment: Record<string, string>;

beforeAll(async () => {
  const definitions = join(folder.path, 'definitions');
  await cp(packagedDefinitions, definitions, { recursive: true });
  await writeFile(join(folder.path, '.env'), 'SHOP_SECRET=whsec_one\n');
  environment = { KAIT_DEFINITIONS: definitions };
  kait = startKait(folder.path, ['up'], environment);
  await kait.untilOutput(/Stop: Ctrl-C/);
});
afterAll(() => kait.end('SIGTERM'));

const run = (...args: string[]) => runKait(folder.path, args, environment);
const sourcesFile = () => join(folder.path, 'definitions', 'sources.json');

/** Runs a command again until its output is as expected; the suite's time limit bounds it. */
async function until(args: string[], pattern: RegExp): Promise<string> {
  for (;;) {
    const { output } = await run(...args);
    if (pattern.test(output)) return output;
  }
}

it('mounts an added source and prints what to do in the dashboard', async () => {
  const added = await run('sources', 'add', 'shop', '--gateway', 'stripe', '--secret', 'SHOP_SECRET');
  expect(added.code).toBe(0);
  expect(added.output).toContain('Developers → Webhooks → Add endpoint');
  expect(added.output).toMatch(/1\. Paste http:\S+\/in\/shop as the endpoint URL\./);
  expect(added.output).toContain('✔ SHOP_SECRET is set');
  expect(added.output).not.toContain('whsec_one');
  expect(await until(['sources', 'test', 'shop'], /→ 200/)).toContain('The URL leads to a Kait that has this secret');
});

it('does nothing for a test but storing it', async () => {
  expect((await run('events', '--source', 'shop')).output).toMatch(
    /kait-test-[0-9a-f]{12} +stripe:kait\.test .*ignored/,
  );
  expect((await run('runs')).output).toBe('No runs.\n');
});

it('accepts a rotated secret and rejects the former one', async () => {
  await writeFile(join(folder.path, '.env'), 'SHOP_SECRET=whsec_two\n');
  await until(['sources', 'test', 'shop'], /→ 200/);
  const former = await runKait(folder.path, ['sources', 'test', 'shop'], { ...environment, SHOP_SECRET: 'whsec_one' });
  expect(former).toMatchObject({ code: 1, output: expect.stringMatching(/→ 401[^]*Rejected\./) });
});

it('keeps its sources when the file becomes invalid, and logs it', async () => {
  const text = await readFile(sourcesFile(), 'utf8');
  await writeFile(sourcesFile(), text.replace('"gateway": "xendit"', '"gateway": "xendid"'));
  await kait.untilOutput(/sources not reloaded/);
  expect(kait.output()).toContain('Did you mean \\"xendit\\"?');
  const sent = await run('send', 'stripe', 'payment_intent.succeeded');
  expect(sent.output).toContain('KAIT_SOURCES_INVALID');
  await writeFile(sourcesFile(), text);
  // The rejection of the test before is not an hour old.
  expect((await run('sources', 'test', 'shop')).output).toContain('→ 200');
});

it('lists what is mounted, and what is missing', async () => {
  const { output } = await run('sources');
  expect(output).toMatch(/shop +Stripe +http:\S+\/in\/shop +set/);
  expect(output).toMatch(/midtrans +Midtrans \(Core API and Snap\) +http:\S+ +not set: MIDTRANS_SERVER_KEY/);
  expect(await run('sources', 'show', 'shp')).toMatchObject({
    code: 1,
    output: expect.stringContaining('Did you mean "shop"?'),
  });
});
