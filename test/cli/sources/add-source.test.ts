import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { addSource, type Ask, type NewSource } from '../../../cli/sources/add-source.ts';
import { readSources } from '../../../server/gateway/sources.ts';
import { shippedPresets } from '../../server/gateway/gateways.ts';
import { temporaryFolder } from '../../temporary-folder.ts';

const before = `{
  // Ours.
  "stripe": { "gateway": "stripe", "secrets": ["STRIPE_WEBHOOK_SECRET"] }, // The shop.
}
`;

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await temporaryFolder();
  file = join(folder, 'sources.json');
  await writeFile(file, before);
});

/** Adds a source; `answers` null: nobody is there to answer. Gives the questions, and the file's line of the source. */
async function add(given: Partial<NewSource>, answers: string[] | null): Promise<{ asked: string[]; line: string }> {
  const presets = await shippedPresets();
  const asked: string[] = [];
  const ask: Ask | null =
    answers &&
    ((question, suggestion) => {
      asked.push(`${question} [${suggestion}]`);
      const answer = answers.shift() ?? '';
      return Promise.resolve(answer === '' ? suggestion : answer);
    });
  const entries = readSources({ presets, sourcesText: before, file });
  const name = await addSource({ file, text: before, presets, entries }, { secrets: [], settings: {}, ...given }, ask);
  const text = await readFile(file, 'utf8');
  expect(text).toContain('// Ours.\n  "stripe": { "gateway": "stripe", "secrets": ["STRIPE_WEBHOOK_SECRET"] }');
  expect(text).toContain('// The shop.');
  return { asked, line: text.split('\n').find((each) => each.includes(`"${name}":`)) ?? '' };
}

describe('adding a source', () => {
  it('asks for what is missing, suggests the rest, and leaves the file as it was laid out', async () => {
    const { asked, line } = await add({}, ['xendit', '', '', 'yes', '']);
    expect(asked.map((question) => question.replace(/\(adyen.*\)/, '(…)'))).toEqual([
      'Gateway (…) []',
      'Name, the last part of the URL [xendit]',
      'Variable for the webhook verification token, shown on the same page [XENDIT_WEBHOOK_SECRET]',
      expect.stringMatching(/Let each run ask the gateway first\? \[yes\]$/),
      'Variable for the API key [XENDIT_API_KEY]',
    ]);
    expect(line.trim()).toMatch(
      /^"xendit": \{ "gateway": "xendit", "secrets": \["XENDIT_WEBHOOK_SECRET"\], "confirm": true, "apiKey": "XENDIT_API_KEY" \}/,
    );
  });

  it.each([
    [undefined, null, '"confirm": true, "apiKey": "FLIP_API_KEY"'],
    [undefined, ['', '', 'no'], '"confirm": false }'],
    [false, null, '"confirm": false }'],
  ])('turns off what the preset requires only in so many words: %j', async (confirm, answers, said) => {
    const { line } = await add({ gateway: 'flip', confirm }, answers);
    expect(line).toContain(said);
  });

  it('names no API key for facts that events can do without', async () => {
    const { line } = await add({ gateway: 'stripe', secrets: ['SHOP_SECRET'] }, null);
    expect(line).not.toContain('apiKey');
  });

  it('takes another name if the gateway’s is taken', async () => {
    const { line } = await add({ gateway: 'stripe', secrets: ['SHOP_SECRET'] }, null);
    expect(line.trim()).toMatch(/^"stripe-2": \{ "gateway": "stripe", "secrets": \["SHOP_SECRET"\] \}/);
  });

  it('asks for settings, and for a secret in the URL if the gateway signs nothing', async () => {
    const paypal = await add({ gateway: 'paypal', confirm: false }, ['', '8PT597110X687430LKGECATA']);
    expect(paypal.line).toContain('"settings": { "webhookId": "8PT597110X687430LKGECATA" }');
    const mollie = await add({ gateway: 'mollie_classic' }, null);
    expect(mollie.line).toContain('"pathSecret": "MOLLIE_CLASSIC_PATH_SECRET", "apiKey": "MOLLIE_CLASSIC_API_KEY"');
  });

  it('takes the ids of keys with their variables', async () => {
    const keyring = { 'krn:partner:1': 'KLARNA_KEY', 'krn:partner:2': 'KLARNA_NEXT_KEY' };
    const { line } = await add({ gateway: 'klarna', keyring }, null);
    expect(line).toContain('"keyring": { "krn:partner:1": "KLARNA_KEY", "krn:partner:2": "KLARNA_NEXT_KEY" }');
  });

  it.each([
    [{ gateway: 'strip' }, 'Expected a gateway, got "strip". Did you mean "stripe"?'],
    [{ gateway: 'stripe', name: 'stripe' }, 'already has a source "stripe"'],
    [{ gateway: 'paypal' }, 'PayPal needs --set webhookId=…'],
    [{ gateway: 'klarna' }, 'gives its keys ids. Name them: --key <id>=KLARNA_KEY.'],
    [{ gateway: 'klarna', keyring: { 'krn:1': 'not a variable' } }, 'never the secret itself'],
    [{ gateway: 'stripe', name: 'My Shop' }, 'cannot be a part of a URL'],
    [{ gateway: 'stripe', secrets: ['whsec_123'] }, 'never the secret itself'],
  ])('refuses %j and leaves the file alone', async (given, message) => {
    await expect(add(given, null)).rejects.toThrow(message);
    expect(await readFile(file, 'utf8')).toBe(before);
  });
});
