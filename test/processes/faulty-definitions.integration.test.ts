import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { findApi } from '../../cli/api-client.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { packagedDefinitions, runKait, startKait } from './kait-command.ts';

const broken = '{\n  "name": "extra",\n  "on": { "event": "payment.succeeded" },\n  "stepz": []\n}\n';
const corrected =
  '{"name": "extra", "on": {"event": "payment.succeeded"}, "steps": [{"id": "a", "emit": "extra.paid"}]}';

it('starts in spite of mistakes: runs last good versions, lets other events wait, and offers them again', async () => {
  const folder = await temporaryFolder();
  const definitions = join(folder, 'definitions');
  await cp(packagedDefinitions, definitions, { recursive: true });
  const environment = { KAIT_DEFINITIONS: definitions };
  const start = async () => {
    const kait = startKait(folder, ['up'], environment);
    await kait.untilOutput(/Stop: Ctrl-C/);
    const api = await findApi(join(folder, '.kait'), null);
    return { ...kait, ask: async (path: string) => (await api.open(path)).text() };
  };

  await writeFile(join(definitions, 'workflows/extra.json'), broken);
  const kait = await start();
  await kait.untilOutput(/extra\.json:4:3 error KAIT1101/);
  await runKait(
    folder,
    ['send', 'stripe', 'payment_intent.succeeded', '--set', 'data.object.id=pi_early'],
    environment,
  );
  await expect.poll(() => kait.ask('/events')).toContain('"state":"waiting"');
  expect(await kait.ask('/runs')).toMatch(/"kait-[2-9a-z]{6}\/payment-succeeded\/stripe\/pi_early:succeeded"/);
  await expect.poll(() => kait.ask('/status')).toContain('"waiting":1'); // Counts are up to a second old.
  expect(await kait.ask('/status')).toContain('"what":"workflows/extra.json"');
  await kait.end('SIGTERM');

  await writeFile(join(definitions, 'workflows/extra.json'), corrected);
  const served = join(definitions, 'workflows/payment-succeeded.json');
  await writeFile(served, (await readFile(served, 'utf8')).replace('"steps"', '"stepz"'));
  const again = await start();
  await expect.poll(() => again.ask('/events')).toContain('"state":"dispatched"');
  const runs = await again.ask('/runs');
  expect(runs).toMatch(/"kait-[2-9a-z]{6}\/extra\/stripe\/pi_early:succeeded"/);
  expect(runs.match(/"kait-[2-9a-z]{6}\/payment-succeeded\/stripe\/pi_early:succeeded"/g)).toHaveLength(1);
  expect(await again.ask('/status')).toContain('The last good version runs (');
  await again.end('SIGTERM');
});
