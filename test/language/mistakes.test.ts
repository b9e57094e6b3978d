import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checkDefinition } from '../../language/check.ts';
import { readSecretBindings } from '../../language/check/secrets-file.ts';
import type { Definition } from '../../language/definition.ts';
import { findingKinds } from '../../language/codes.ts';
import { formatFindings } from '../../language/finding.ts';
import { activityTypes } from './activity-types.ts';

/** `<code>-<what>.json` has the mistake; `<code>-<what>.txt` beside it is what a user reads. */
const folder = new URL('mistakes/', import.meta.url);
const names = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .map((name) => name.replace('.json', ''));

/** See `test/server/serve-definitions.test.ts` and `test/language/check/secrets-file.test.ts`. */
const aboutFiles = ['KAIT1005', 'KAIT1504', 'KAIT1505'];

const greet: Definition = { name: 'greet', on: 'run', vars: { name: null }, steps: [{ id: 'hello', wait: '1s' }] };

const secretsText = JSON.stringify({
  KAIT_SECRET_SHOP: { hosts: ['api.shop.example'] },
  KAIT_SECRET_REFUND: { hosts: ['api.shop.example'], definitions: ['refund'] },
});
const secrets = readSecretBindings({ file: 'secrets.json', text: secretsText }).bindings ?? undefined;

describe('a definition with a mistake', () => {
  it.each(names)('is told so as the fixture says: %s', (name) => {
    const file = `${name}.json`;
    const text = readFileSync(new URL(file, folder), 'utf8');
    const { findings } = checkDefinition({ text, file, activities: activityTypes, definitions: { greet }, secrets });
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
