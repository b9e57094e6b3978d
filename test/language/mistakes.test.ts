import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checkDefinition } from '../../language/check.ts';
import { readSecretBindings } from '../../language/check/secrets-file.ts';
import type { Definition } from '../../language/definition.ts';
import { formatFindings } from '../../language/finding.ts';
import type { ProjectSettings } from '../../language/project-settings.ts';
import { activityTypes } from './activity-types.ts';

/**
 * `<code>-<what>.json` has the mistake; `<code>-<what>.txt` beside it is what a user reads. `test/cli/mistakes.test.ts` has the mistakes of
 * other files, and knows if a code has no fixture.
 */
const folder = new URL('mistakes/', import.meta.url);
const names = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .map((name) => name.replace('.json', ''));

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

const otherSettings: Record<string, { problem: string }> = {
  'KAIT1602-unreadable-settings': {
    problem: 'definitions/settings.json:1:24 error KAIT1104 "type" does not allow "ulr".',
  },
};

describe('a definition with a mistake', () => {
  it.each(names)('is told so as the fixture says: %s', (name) => {
    const file = `${name}.json`;
    const text = readFileSync(new URL(file, folder), 'utf8');
    const options = {
      activities: activityTypes,
      definitions: { greet },
      secrets,
      settings: otherSettings[name] ?? settings,
    };
    const { findings } = checkDefinition({ text, file, ...options });
    const expected = readFileSync(new URL(`${name}.txt`, folder), 'utf8');
    expect(`${formatFindings({ file, text, findings })}\n`).toBe(expected);
    expect(findings.map(({ code }) => code)).toContain(name.slice(0, 8));
  });
});
