import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { settingsOf } from '../../../cli/compose/load-served-definitions.ts';
import { KaitError } from '../../../errors.ts';
import { temporaryFolder } from '../../temporary-folder.ts';

it('refuses to start with a variable of another type than its setting, and takes one that fits', async () => {
  const definitions = await temporaryFolder();
  await writeFile(join(definitions, 'settings.json'), '{ "retries": { "type": "integer" } }');
  onTestFinished(() => void vi.unstubAllEnvs());
  vi.stubEnv('KAIT_SETTING_RETRIES', 'many');
  expect(() => settingsOf({ definitions })).toThrow(
    new KaitError(
      'KAIT_SETTINGS_INVALID',
      'KAIT_SETTING_RETRIES is "many", but must be a whole number such as 250000.',
    ),
  );
  vi.stubEnv('KAIT_SETTING_RETRIES', '5');
  expect(settingsOf({ definitions })).toMatchObject({ values: { retries: 5 } });
});
