import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checkDefinition } from '../../language/check.ts';
import { readSecretBindings } from '../../language/check/secrets-file.ts';
import type { Definition } from '../../language/definition.ts';
import { findingKinds } from '../../language/codes.ts';
import { formatFindings } from '../../language/finding.ts';
import type { ProjectSettings } from '../../language/project-settings.ts';
import { activityTypes } from './activity-types.ts';

/** `<code>-<what>.json` has the mistake; `<code>-<what>.txt` beside it is what a user reads. */
const folder = new URL('mistakes/', import.meta.url);
const names = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .map((name) => name.replace('.json', ''));

/** See `test/activities/mail/mail-templates.test.ts`, `test/cli/commands/validate.test.ts`, `test/server/serve-definitions.test.ts`, `secrets-file.test.ts` and `settings-file.test.ts` in `test/language/check`. */
const aboutFiles = [
  ...['KAIT1005', 'KAIT1504', 'KAIT1505'],
  ...['KAIT1701', 'KAIT1711', 'KAIT1712', 'KAIT1713', 'KAIT1801', 'KAIT1802', 'KAIT1803'],
  ...['KAIT1901', 'KAIT1902'],
  ...['KAIT1602', 'KAIT1603', 'KAIT1604', 'KAIT1605', 'KAIT1606'],
];

const greet: Definition = { name: 'greet', on: 'run', vars: { name: null }, steps: [{ id: 'hello', wait: '1s' }] };

const secretsText = JSON.stringify({
  KAIT_SECRET_SHOP: { hosts: ['api.shop.example'] },
  KAIT_SECRET_REFUND: { hosts: ['api.shop.example'], definitions: ['refund'] },
});
const secrets = readSecretBindings({ file: 'secrets.json', text: secretsText }).bindings ?? undefined;

const settings: ProjectSettings = {
  types: { shopUrl: 'url', mirrorUrl: 'url', unsetUrl: 'url', leastAmount: 'integer' },
  values: { shopUrl: 'https://api.shop.example/v2', mirrorUrl: 'https://mirror.example', leastAmount: 100 },
};

describe('a definition with a mistake', () => {
  it.each(names)('is told so as the fixture says: %s', (name) => {
    const file = `${name}.json`;
    const text = readFileSync(new URL(file, folder), 'utf8');
    const options = { activities: activityTypes, definitions: { greet }, secrets, settings };
    const { findings } = checkDefinition({ text, file, ...options });
    const expected = readFileSync(new URL(`${name}.txt`, folder), 'utf8');
    expect(`${formatFindings({ file, text, findings })}\n`).toBe(expected);
    expect(findings.map(({ code }) => code)).toContain(name.slice(0, 8));
  });

  it('there is a fixture for every code that is about a text', () => {
    const codes = new Set(names.map((name) => name.slice(0, 8)));
    const aboutTexts = Object.keys(findingKinds).filter((code) => !aboutFiles.includes(code));
    expect([...codes].sort()).toEqual(aboutTexts.sort());
  });
});
