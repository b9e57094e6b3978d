import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { validate } from '../../../cli/commands/validate.ts';
import { temporaryFolder } from '../../temporary-folder.ts';

let folder: string;
beforeEach(async () => {
  folder = await temporaryFolder();
  await Promise.all(['workflows', 'gateways', 'mails'].map((part) => mkdir(join(folder, part))));
});

const shop = `{
  "name": "shop",
  "on": { "event": "payment.succeeded" },
  "steps": [
    { "id": "tell", "emit": "order.paid" }
  ]
}
`;
const faulty = shop.replace('"emit"', '"emitt"');
const mailing = (template: string, undo = template) => ({
  name: 'mailing',
  on: { event: 'payment.succeeded' },
  steps: [
    {
      id: 'group',
      do: [
        {
          ...{ id: 'receipt', call: 'mail.send', with: { to: 'a@shop.example', template } },
          undo: { call: 'mail.send', with: { to: 'a@shop.example', template: undo } },
        },
      ],
    },
  ],
});
const tests = { tests: [{ name: 'tells of it', expect: { trace: ['tell done'] } }] };

async function put(name: string, content: string | object): Promise<string> {
  await writeFile(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
  return join(folder, name);
}

/** The lines that the command writes, and its exit code. */
async function check(paths: string[], json = false): Promise<{ code: number; text: string }> {
  const written: string[] = [];
  const code = await validate({ paths, json, definitions: folder }, (text) => written.push(text));
  return { code, text: written.join('\n') };
}

describe('kait validate', () => {
  it('names everything that it checked', async () => {
    await put('workflows/a.json', shop);
    await put('workflows/a.test.json', tests);
    await put('mails/receipt.json', { subject: 'Thanks', text: 'Your receipt' });
    await put('mails/reminder.json', { subject: 'Hello', text: ['a', 'b'] });
    await put('sources.json', {});
    expect(await check([])).toEqual({
      code: 0,
      text: 'Checked 1 definition, 1 test file, 1 sources file and 2 mail templates: no mistakes. Tests were not run; "kait test" runs them.',
    });
    expect(await check([folder])).toEqual(await check([]));
  });

  it('checks what a glob matches: definitions, and test files against their definitions', async () => {
    const definition = await put('workflows/a.json', shop);
    const file = await put('workflows/a.test.json', { tests: [{ ...tests.tests[0], mocks: { tel: {} } }] });
    const { code, text } = await check([definition, file]);
    expect(code).toBe(1);
    expect(text).toContain('a.test.json:1:75 error KAIT1202 The definition "shop" has no step "tel".');
    expect(text.split('\n').at(-1)).toBe(
      'Checked 1 definition and 1 test file: mistakes in 1 test file. Tests were not run; "kait test" runs them.',
    );
  });

  it.each([
    ['there is no definition for it', [], 'There is no definition FOLDER/workflows/a.json for it to test.'],
    ['its definition has mistakes', [faulty], 'Not checked, because FOLDER/workflows/a.json has mistakes.'],
  ])('says so when it cannot check a test file because %s', async (_why, definitions, problem) => {
    await Promise.all(definitions.map((text) => put('workflows/a.json', text)));
    const file = await put('workflows/a.test.json', tests);
    expect(await check([file])).toEqual({
      code: 1,
      text: [
        `${file}: error ${problem.replace('FOLDER', folder)}`,
        'Checked 1 test file: mistakes in 1 test file. Tests were not run; "kait test" runs them.',
      ].join('\n'),
    });
  });

  it('finds the presets and mail templates of the package, which a folder of one’s own need not have', async () => {
    await Promise.all(['gateways', 'mails'].map((part) => rm(join(folder, part), { recursive: true })));
    await put('workflows/a.json', mailing('receipt'));
    await put('sources.json', { shop: { gateway: 'midtrans', secrets: ['MIDTRANS_SERVER_KEY'] } });
    expect(await check([])).toEqual({ code: 0, text: 'Checked 1 definition and 1 sources file: no mistakes.' });
  });

  it('checks a preset that extends one of the package', async () => {
    await put('gateways/stripe.json', { extends: 'stripe', title: 'Ours' });
    await put('gateways/other.json', { extends: 'strype' });
    const { code, text } = await check([join(folder, 'gateways')]);
    expect([code, text]).toEqual([
      1,
      expect.stringMatching(/other\.json:1:12 error extends: there is no gateway "strype"[^]*mistakes in 1 preset/),
    ]);
  });

  it('shows every finding of every file', async () => {
    await put('workflows/a.json', faulty);
    await put('workflows/b.json', faulty);
    const { code, text } = await check([join(folder, 'workflows')]);
    expect(code).toBe(1);
    expect(text).toMatch(
      /a\.json:5:\d+ error [^]*b\.json:5:\d+ error [^]*\nChecked 2 definitions: mistakes in 2 definitions\.$/,
    );
  });

  it('checks a file against those beside it', async () => {
    const parent = await put('workflows/parent.json', shop.replace('"emit": "order.paid"', '"run": "child"'));
    expect(await check([parent])).toMatchObject({ code: 1, text: expect.stringContaining('"child"') });
    await put('workflows/child.json', { name: 'child', on: 'run', steps: [{ id: 'a', emit: 'x.y' }] });
    expect(await check([parent])).toEqual({ code: 0, text: 'Checked 1 definition: no mistakes.' });
  });

  it('finds what keeps sound definitions from being served together, in a folder or a glob over all of it', async () => {
    const files = [await put('workflows/a.json', shop), await put('workflows/b.json', shop)];
    const { code, text } = await check(files);
    expect(code).toBe(1);
    expect(text).toContain('KAIT_DEFINITIONS_INVALID');
    expect(text).toContain('both define "shop"');
    expect(text.split('\n').at(-1)).toBe('Checked 2 definitions: the definitions cannot be served together.');
    expect(await check([join(folder, 'workflows')])).toEqual({ code, text });
  });

  it('checks presets and sources', async () => {
    await put('gateways/acme.json', { title: 'Acme' });
    await put('sources.json', { shop: { gateway: 'acm', secrets: ['SHOP_SECRET'] } });
    const { code, text } = await check([join(folder, 'gateways'), join(folder, 'sources.json')]);
    expect(code).toBe(1);
    expect(text).toMatch(/gateways\/acme\.json:1:1 error verify: /);
    expect(text).toMatch(/sources\.json:\d+:\d+ error shop\.gateway: unknown preset "acm"/);
    expect(text).toContain('Checked 1 preset and 1 sources file: mistakes in 1 preset and 1 sources file.');
  });

  it.each([
    ['{"subject":"Thanks"}', '1:1 error KAIT1102 "text" is missing from the mail.'],
    ['{"subject":"{{event.payment","text":"a"}', '1:13 error KAIT1801 "{{" has no counterpart.'],
    ['{"subject":"{{event.payment.amout}}","text":"a"}', '1:13 error KAIT1801 "event.payment" has no "amout".'],
    ['{', '1:2 error KAIT1001 Expected a closing "}".'],
  ])('finds what is wrong with the mail template %j', async (content, finding) => {
    const file = await put('mails/receipt.json', content);
    const { code, text } = await check([file]);
    expect(code).toBe(1);
    expect(text.split('\n').slice(0, 2)).toEqual([`${file}:${finding}`, `1 | ${content}`]);
    expect(text).toContain('Checked 1 mail template: mistakes in 1 mail template.');
  });

  it.each([
    ['no values', undefined, 'KAIT1802 The mail "receipt" needs values.name and values.total.'],
    ['too few values', { name: 'Ana' }, 'KAIT1802 The mail "receipt" needs values.total.'],
  ])('finds a step that gives its mail %s', async (_what, values, finding) => {
    await put('mails/receipt.json', {
      subject: 'For {{values.name}}',
      text: '{{money values.total}} {{values.note | -}}',
    });
    const call = { id: 'mail', call: 'mail.send', with: { to: 'a@shop.example', template: 'receipt', values } };
    const file = await put('workflows/a.json', { ...mailing('receipt'), steps: [call] });
    const { code, text } = await check([file]);
    expect(code).toBe(1);
    expect(text).toContain(`error ${finding}`);
  });

  it.each([{ name: 'Ana', total: 5 }, '{{event.payment}}', { or: [{ var: 'event.payment' }, {}] }])(
    'accepts a step that gives its mail all values, or that only a run knows: %j',
    async (values) => {
      await put('mails/receipt.json', { subject: 'For {{values.name}}', text: '{{money values.total}}' });
      const call = { id: 'mail', call: 'mail.send', with: { to: 'a@shop.example', template: 'receipt', values } };
      const file = await put('workflows/a.json', { ...mailing('receipt'), steps: [call] });
      expect((await check([file])).text).not.toContain('KAIT1802');
    },
  );

  it('finds steps and undos whose mail template does not exist', async () => {
    await put('mails/receipt.json', { subject: 'Thanks', text: 'Your receipt' });
    const file = await put('workflows/a.json', mailing('recipt', 'apology'));
    const { code, text } = await check([file]);
    expect(code).toBe(1);
    expect(text).toContain('KAIT1104 There is no mail template "recipt".');
    expect(text).toContain('Did you mean "receipt"?');
    expect(text).toContain('KAIT1104 There is no mail template "apology".');
    expect(text).toContain('The mail templates are receipt.');
    expect(text).toContain('Checked 1 definition: mistakes in 1 definition.');
  });

  it.each([['receipt'], ['{{event.nativeType}}']])('accepts the mail template %j', async (template) => {
    await put('mails/receipt.json', { subject: 'Thanks', text: 'Your receipt' });
    const file = await put('workflows/a.json', mailing(template));
    expect(await check([file])).toEqual({ code: 0, text: 'Checked 1 definition: no mistakes.' });
  });

  it('writes all that as JSON', async () => {
    const good = await put('workflows/a.json', shop);
    const bad = await put('workflows/b.json', faulty);
    const test = await put('workflows/a.test.json', tests);
    const mail = await put('mails/receipt.json', { subject: 'Thanks', text: 'Your receipt' });
    const { code, text } = await check([good, bad, test, mail], true);
    expect(code).toBe(1);
    expect(JSON.parse(text)).toEqual({
      ok: false,
      files: [
        { file: good, name: 'shop', hash: expect.stringMatching(/^[0-9a-f]{64}$/), findings: [] },
        { file: bad, name: null, hash: null, findings: [expect.objectContaining({ severity: 'error', line: 5 })] },
      ],
      conflicts: [],
      activities: [],
      tests: [{ file: test, findings: [], problem: null }],
      gateways: [],
      secrets: [],
      settings: [],
      people: [],
      variables: [],
      mails: [{ file: mail, findings: [] }],
      eventTypes: [],
    });
  });

  it('checks where definitions send secrets, and what secrets.json says', async () => {
    const asking = (host: string) => ({
      ...{ name: 'asking', on: 'run' },
      steps: [{ id: 'ask', http: `https://${host}/`, headers: { 'x-key': { secret: 'KAIT_SECRET_SHOP' } } }],
    });
    await put('workflows/a.json', asking('api.shop.example'));
    expect(await check([])).toMatchObject({
      code: 1,
      text: expect.stringContaining('error KAIT1502 KAIT_SECRET_SHOP'),
    });
    await put('secrets.json', { KAIT_SECRET_SHOP: { hosts: ['api.shop.example'], definitions: ['asking'] } });
    expect(await check([])).toEqual({ code: 0, text: 'Checked 1 definition and 1 secrets file: no mistakes.' });
    await put('workflows/a.json', asking('api.shop.example.evil.test'));
    expect(await check([])).toMatchObject({
      code: 1,
      text: expect.stringContaining('error KAIT1501 KAIT_SECRET_SHOP'),
    });
    await put('secrets.json', { KAIT_SECRET_SHOP: { hosts: ['*'] } });
    const { code, text } = await check([]);
    expect(code).toBe(1);
    expect(text).toContain('secrets.json:1:31 error KAIT1504 "*" names no host.');
    expect(text).toContain('mistakes in 1 secrets file.');
  });

  it('warns of entries of secrets.json that nothing uses', async () => {
    await put('workflows/a.json', shop);
    await put('secrets.json', { KAIT_SECRET_SHOP: { hosts: ['api.shop.example'], definitions: ['shp'] } });
    const { code, text } = await check([]);
    expect(code).toBe(0);
    expect(text).toContain('warning KAIT1505 No definition of this folder uses KAIT_SECRET_SHOP.');
    expect(text).toContain('warning KAIT1505 This folder has no definition "shp".');
    expect(text).toContain('Did you mean "shop"?');
  });

  it('checks settings.json, what definitions read of it, and the variables that give it values', async () => {
    await put('settings.json', '{ "shopUrl": { "type": "url", "default": "https://shop.example" } }');
    const reading = shop.replace('"emit": "order.paid"', '"http": "{{settings.shopUlr}}/paid"');
    await put('workflows/a.json', reading);
    await put('workflows/a.test.json', { tests: [{ ...tests.tests[0], settings: { shopUrl: 'shop' } }] });
    expect((await check([])).text).toContain('a.json:5:30 error KAIT1601 There is no setting "shopUlr".');

    await put('workflows/a.json', reading.replace('shopUlr', 'shopUrl'));
    expect((await check([])).text).toContain('error KAIT1603 The setting "shopUrl" must be a URL such as');

    await put('workflows/a.test.json', tests);
    expect((await check([])).text).toBe(
      'Checked 1 definition, 1 test file and 1 settings file: no mistakes. Tests were not run; "kait test" runs them.',
    );

    vi.stubEnv('KAIT_SETTING_SHOP_URL', 'shop');
    onTestFinished(() => void vi.unstubAllEnvs());
    const { code, text } = await check([]);
    expect(code).toBe(1);
    expect(text).toContain('KAIT_SETTINGS_INVALID: KAIT_SETTING_SHOP_URL is "shop", but must be a URL such as');
  });

  it('says what to do if there is nothing to check', async () => {
    const workflows = join(folder, 'workflows');
    expect(await check([workflows])).toEqual({
      code: 1,
      text: `No .json files in ${workflows}. To write a definition, follow docs/GUIDE.md or copy one of definitions/examples.`,
    });
  });

  it('rejects a path that does not exist, and a sample', async () => {
    const missing = join(folder, 'nothing.json');
    await expect(check([missing])).rejects.toMatchObject({
      code: 'KAIT_USAGE',
      message: `There is no file or folder ${missing}.`,
    });
    await mkdir(join(folder, 'gateways/samples/acme'), { recursive: true });
    const sample = await put('gateways/samples/acme/paid.json', '{}');
    await expect(check([sample])).rejects.toMatchObject({
      code: 'KAIT_USAGE',
      message: `"kait validate" takes definitions, tests, presets, sources, secrets, settings, people and mail templates; ${sample} is a sample webhook.`,
    });
  });

  it.each([
    ['an empty file', '', 'a.json:1:1 error KAIT1001 The file is empty.'],
    ['a binary file', '\u0000\u0001\uFFFD', 'a.json:1:1 error KAIT1001'],
  ])('shows where %s goes wrong', async (_what, content, finding) => {
    const file = await put('workflows/a.json', content);
    expect(await check([file])).toMatchObject({ code: 1, text: expect.stringContaining(finding) });
  });

  it('takes a file with a byte order mark', async () => {
    const file = await put('workflows/a.json', `\uFEFF${shop}`);
    expect(await check([file])).toEqual({ code: 0, text: 'Checked 1 definition: no mistakes.' });
  });
});
