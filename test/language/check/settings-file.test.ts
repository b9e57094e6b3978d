import { expect, it } from 'vitest';
import { readSettingsFile } from '../../../language/check/settings-file.ts';

/** The findings as `<code> <pointer> <message> <hint>`. */
function findingsOf(text: string): string[] {
  const { findings } = readSettingsFile({ file: 'settings.json', text });
  return findings.map(({ code, pointer, message, hint }) => [code, pointer, message, hint].filter(Boolean).join(' '));
}

it('declares settings with a type, a description and a default', () => {
  const text = `{
    "$schema": "../schemas/settings.schema.json",
    // Another one in production.
    "shopUrl": { "type": "url", "description": "The shop's API.", "default": "https://sandbox.shop.example" },
    "retries": { "type": "integer" }
  }`;
  const { declared, findings } = readSettingsFile({ file: 'settings.json', text });
  expect(findings).toEqual([]);
  expect([...(declared ?? [])]).toEqual([
    ['shopUrl', { type: 'url', description: "The shop's API.", default: 'https://sandbox.shop.example' }],
    ['retries', { type: 'integer' }],
  ]);
});

it.each([
  ['', 'KAIT1001 The file is empty.'],
  ['[]', 'KAIT1103 settings.json must be an object.'],
  ['{ "a": 5 }', 'KAIT1103 /a "a" must be an object, got a number.'],
  ['{ "a": {} }', 'KAIT1102 /a/type "type" is missing from "a".'],
  [
    '{ "a": { "type": "string" } }',
    'KAIT1104 /a/type "type" does not allow "string". Expected one of: text, number, integer, boolean, url, list.',
  ],
  ['{ "a": { "type": "text", "defualt": "x" } }', 'KAIT1101 /a/defualt "defualt" is not a property of "a".'],
  [
    '{ "shop-url": { "type": "url" } }',
    'KAIT1109 /shop-url "shop-url" is not allowed as the name of a setting. Expected: a small letter, then letters and digits, such as shopUrl.',
  ],
  [
    '{ "constructor": { "type": "text" } }',
    'KAIT1110 /constructor "constructor" is a reserved name. Choose another one.',
  ],
  [
    '{ "shopUrl": { "type": "url" }, "shopURL": { "type": "url" } }',
    'KAIT1606 /shopURL "shopURL" and "shopUrl" have the same variable, KAIT_SETTING_SHOP_URL. Rename one of them.',
  ],
  [
    '{ "a": { "type": "integer", "default": 2.5 } }',
    'KAIT1603 /a/default The default of "a" must be a whole number such as 250000.',
  ],
  [
    '{ "a": { "type": "url", "default": "shop.example" } }',
    'KAIT1603 /a/default The default of "a" must be a URL such as https://shop.example.com/api, with neither a user nor a query.',
  ],
  [
    '{ "a": { "type": "boolean", "default": "true" } }',
    'KAIT1603 /a/default The default of "a" must be true or false.',
  ],
  [
    '{ "a": { "type": "text", "default": "sk_live_51HxYzAbCdEf" } }',
    'KAIT1604 /a/default The default of "a" looks like a secret, which histories would keep. Use a variable named KAIT_SECRET_…, and {"secret": "KAIT_SECRET_…"} in a header.',
  ],
])('reports a mistake where it is: %s', (text, finding) => {
  expect(findingsOf(text)).toEqual([finding]);
  expect(readSettingsFile({ file: 'settings.json', text }).declared).toBeNull();
});

it('warns of a name that says that the value is a secret', () => {
  const text = '{ "shopToken": { "type": "text" } }';
  expect(findingsOf(text)).toEqual([
    'KAIT1605 /shopToken "shopToken" sounds like a secret, which histories would keep. Use a variable named KAIT_SECRET_…, and {"secret": "KAIT_SECRET_…"} in a header.',
  ]);
  expect(readSettingsFile({ file: 'settings.json', text }).declared?.size).toBe(1);
});
