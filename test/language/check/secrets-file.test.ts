import { describe, expect, it } from 'vitest';
import { readSecretBindings, type UsedSecrets } from '../../../language/check/secrets-file.ts';

/** The findings as `<code> <pointer> <message> <hint>`. */
function findingsOf(text: string, used?: UsedSecrets): string[] {
  const { findings } = readSecretBindings({ file: 'secrets.json', text }, used);
  return findings.map(({ code, pointer, message, hint }) => [code, pointer, message, hint].filter(Boolean).join(' '));
}

describe('secrets.json', () => {
  it('says who may use a secret, and where', () => {
    const text = `{
      "$schema": "../schemas/secrets.schema.json",
      // The shop's own API.
      "KAIT_SECRET_SHOP": { "hosts": ["API.shop.example", "*.api.shop.example:8443"], "definitions": ["refund"] },
      "KAIT_SECRET_LEGACY": { "hosts": ["http://10.0.0.5:8080"] }
    }`;
    const { bindings, findings } = readSecretBindings({ file: 'secrets.json', text });
    expect(findings).toEqual([]);
    expect([...(bindings ?? [])]).toEqual([
      [
        'KAIT_SECRET_SHOP',
        {
          definitions: ['refund'],
          hosts: [
            { text: 'API.shop.example', scheme: undefined, hostname: 'api.shop.example', isWildcard: false, port: '' },
            {
              text: '*.api.shop.example:8443',
              scheme: undefined,
              hostname: 'api.shop.example',
              isWildcard: true,
              port: '8443',
            },
          ],
        },
      ],
      [
        'KAIT_SECRET_LEGACY',
        {
          definitions: undefined,
          hosts: [
            { text: 'http://10.0.0.5:8080', scheme: 'http:', hostname: '10.0.0.5', isWildcard: false, port: '8080' },
          ],
        },
      ],
    ]);
  });

  it.each([
    ['', 'KAIT1001 The file is empty.'],
    ['[]', 'KAIT1103 secrets.json must be an object.'],
    [
      '{ "KAIT_SECRET_A": { "hosts": ["a.example"] }, "KAIT_SECRET_A": { "hosts": ["evil.test"] } }',
      'KAIT1003 /KAIT_SECRET_A This object has the key "KAIT_SECRET_A" twice.',
    ],
    [
      '{ "KAIT_SECRET_A": { "hosts": ["a.example"], "hosts": ["evil.test"] } }',
      'KAIT1003 /KAIT_SECRET_A/hosts This object has the key "hosts" twice.',
    ],
    ['{ "KAIT_SECRET_A": {} }', 'KAIT1102 /KAIT_SECRET_A/hosts "hosts" is missing from "KAIT_SECRET_A".'],
    ['{ "KAIT_SECRET_A": ["a.example"] }', 'KAIT1103 /KAIT_SECRET_A "KAIT_SECRET_A" must be an object, got a list.'],
    [
      '{ "KAIT_SECRET_A": { "hosts": [] } }',
      'KAIT1105 /KAIT_SECRET_A/hosts "hosts" is an empty list. Remove it, or add an item.',
    ],
    [
      '{ "KAIT_SECRET_A": { "hosts": ["a.example"], "definitions": [] } }',
      'KAIT1105 /KAIT_SECRET_A/definitions "definitions" is an empty list. Remove it, or add an item.',
    ],
    [
      '{ "KAIT_SECRET_A": { "hosts": "a.example" } }',
      'KAIT1103 /KAIT_SECRET_A/hosts "hosts" must be a list, got a text.',
    ],
    ['{ "KAIT_SECRET_A": { "hosts": [1] } }', 'KAIT1103 /KAIT_SECRET_A/hosts/0 "hosts" must be a text, got a number.'],
    [
      '{ "KAIT_SECRET_A": { "hosts": ["a.example"], "definition": ["refund"] } }',
      'KAIT1101 /KAIT_SECRET_A/definition "definition" is not a property of "KAIT_SECRET_A".',
    ],
    [
      '{ "STRIPE_WEBHOOK_SECRET": { "hosts": ["a.example"] } }',
      'KAIT1109 /STRIPE_WEBHOOK_SECRET "STRIPE_WEBHOOK_SECRET" is not the name of a secret of definitions. ' +
        'The names of the secrets that definitions may use start with KAIT_SECRET_.',
    ],
    [
      '{ "KAIT_SECRET_A": { "hosts": ["https://a.example/v1"] } }',
      'KAIT1504 /KAIT_SECRET_A/hosts/0 "https://a.example/v1" names no host. ' +
        'Write a host such as api.shop.example, api.shop.example:8443 or *.api.shop.example.',
    ],
  ])('cannot be %s', (text, finding) => {
    expect(findingsOf(text)).toEqual([finding]);
    expect(readSecretBindings({ file: 'secrets.json', text }).bindings).toBeNull();
  });

  it('warns of what nothing uses, and stays usable', () => {
    const text = '{ "KAIT_SECRET_SHPO": { "hosts": ["a.example"], "definitions": ["refund", "refnud"] } }';
    const used = { secrets: ['KAIT_SECRET_SHOP'], definitions: ['refund'] };
    expect(findingsOf(text, used)).toEqual([
      'KAIT1505 /KAIT_SECRET_SHPO No definition of this folder uses KAIT_SECRET_SHPO. Did you mean KAIT_SECRET_SHOP?',
      'KAIT1505 /KAIT_SECRET_SHPO/definitions/1 This folder has no definition "refnud". Did you mean "refund"?',
    ]);
    expect(readSecretBindings({ file: 'secrets.json', text }, used).bindings?.has('KAIT_SECRET_SHPO')).toBe(true);
  });
});
