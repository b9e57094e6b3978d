import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { sharedTemporaryFolder, temporaryFolder } from '../temporary-folder.ts';
import { packagedDefinitions, runKait } from './kait-command.ts';

const shared = sharedTemporaryFolder();

it.each([['a new folder'], ['the same folder again']])(
  'shows that every webhook has its effects once, on %s',
  async () => {
    const { code, output } = await runKait(shared.path, ['demo', '--once']);
    expect(output).toContain('payment_intent.succeeded, 5× at once     accepted (200), 4 recognized as duplicates');
    expect(output).toContain('rejected (401)');
    expect(output.match(/^Run kait-[2-9a-z]{6}\/payment-succeeded\/\S+ completed$/gm)).toHaveLength(3);
    expect(output.match(/order\.created arrived as msg_\w+…, signature verified/g)).toHaveLength(3);
    expect(output.match(/→ mail/g)).toHaveLength(2);
    expect(output.match(/→ cashback/g)).toHaveLength(3);
    expect(output).toMatch(
      /details: http:\/\/127\.0\.0\.1:\d+\/namespaces\/default\/workflows\/kait-[2-9a-z]{6}%2Fpayment-succeeded%2Fstripe/,
    );
    expect(output).toContain('Everything happened exactly once.');
    expect(code).toBe(0);
  },
);

it('exits non-zero and prints what did not happen', async () => {
  const folder = await temporaryFolder();
  const definitions = join(folder, 'definitions');
  await cp(packagedDefinitions, definitions, { recursive: true });
  const file = join(definitions, 'workflows/payment-succeeded.json');
  const text = await readFile(file, 'utf8');
  await writeFile(
    file,
    text
      .replace('"call": "cashback.grant"', '"if": false, "call": "cashback.grant"')
      .replace(/"if": \{ ">=".*\},\n/, ''),
  );
  const { code, output } = await runKait(folder, ['demo', '--once'], { KAIT_DEFINITIONS: definitions });
  expect(output).toMatch(/✘ kait-[2-9a-z]{6}\/payment-succeeded\/stripe\/\S+ should grant cashback once\./);
  expect(output).not.toContain('Everything happened');
  expect(code).toBe(1);
});
