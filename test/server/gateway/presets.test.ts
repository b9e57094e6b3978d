import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { loadPresets, parsePreset } from '../../../server/gateway/presets.ts';
import { createRequestView } from '../../../server/gateway/request-view.ts';
import { temporaryFolder } from '../../temporary-folder.ts';
import { requestWith, smallestPreset } from './gateways.ts';

const good = { ...smallestPreset, title: 'Acme' };

/** The mistakes, as `line:column message`, in a preset that JSON.stringify laid out. */
function mistakesIn(parts: Record<string, unknown>): string[] {
  const text = JSON.stringify({ ...good, ...parts }, null, 2);
  return parsePreset('acme.json', text).mistakes.map(({ line, column, message }) => `${line}:${column} ${message}`);
}

const hmac = {
  scheme: 'hmac',
  algorithm: 'sha256',
  signature: { from: 'header:x-sig', encoding: 'hex' },
  signed: '{body}',
};

describe('a preset', () => {
  it('may have comments and trailing commas, and has defaults', () => {
    const text = `// Acme\n${JSON.stringify(good).slice(0, -1)}, /* none */ }`;
    const { preset, mistakes } = parsePreset('presets/acme_pay.json', text);

    expect(mistakes).toEqual([]);
    const view = createRequestView(requestWith({}), preset!.body);

    expect(preset).toMatchObject({ name: 'acme_pay', methods: new Set(['POST']), needs: 'secrets', batch: false });
    expect(preset?.declared).toMatchObject({ acknowledgeWithinMs: 10_000, settings: {}, unsigned: [], redact: [] });
    expect(preset?.acknowledge(view)).toEqual({ status: 200, body: '', contentType: 'text/plain; charset=utf-8' });
    expect(preset?.reject(view)).toEqual({ status: 401, body: '', contentType: 'text/plain; charset=utf-8' });
  });

  it.each([
    ['an unknown name', { titel: 'x' }, ['26:3 "titel" is not known here. Did you mean "title"?']],
    [
      'an unknown selector',
      { event: { id: 'jsn:/id', type: ['json:/t'] } },
      ['19:11 event.id: unknown selector "jsn" in "jsn:/id". Did you mean "json"?'],
    ],
    [
      'a broken pointer',
      { event: { id: 'json:id', type: ['json:/t'] } },
      ['19:11 event.id: "id" is not a JSON pointer such as /data/id'],
    ],
    [
      'the secret in a selector of the event',
      { event: { id: 'secret', type: ['json:/t'] } },
      [
        '19:11 event.id: unknown selector "secret" in "secret". Expected one of header, query, path, method, body, document, json, item, form, cfg, arrival, text.',
      ],
    ],
    [
      'an unknown filter',
      { event: { id: 'json:/id | uper', type: ['json:/t'] } },
      ['19:11 event.id: unknown filter "uper" in "json:/id | uper". Did you mean "upper"?'],
    ],
    ['no way to the id', { event: { id: [], type: ['json:/t'] } }, [expect.stringMatching(/^19:11 event\.id: /)]],
    [
      'an unknown scheme',
      { verify: { any: [{ scheme: 'hmack' }] } },
      ['13:19 verify.any.0.scheme: expected "scheme" to be "hmac", "hash", "token", "asymmetric", "jwt" or "none"'],
    ],
    ['neither any nor all', { verify: {} }, ['10:13 verify: expected either "any" or "all"']],
    [
      'both any and all',
      { verify: { any: good.verify.any, all: good.verify.any } },
      ['10:13 verify: expected either "any" or "all"'],
    ],
    ['no scheme at all', { verify: { any: [] } }, [expect.stringMatching(/^11:12 verify\.any: /)]],
    [
      'the secret in the text of an hmac',
      { verify: { any: [{ ...hmac, signed: '{body}{secret}' }] } },
      [
        '19:19 verify.any.0.signed: the secret is the key of an hmac, not part of its text. Did you mean the scheme "hash"?',
      ],
    ],
    [
      'a hash without the secret',
      { verify: { any: [{ ...hmac, scheme: 'hash' }] } },
      ['19:19 verify.any.0.signed: without {secret} anybody could compute the hash'],
    ],
    [
      'an open brace',
      { verify: { any: [{ ...hmac, signed: '{body' }] } },
      ['19:19 verify.any.0.signed: "{body" has an unmatched brace'],
    ],
    [
      'an unsigned time',
      { verify: { any: [{ ...hmac, timestamp: { from: 'header:x-time', format: 'unix', toleranceSeconds: 300 } }] } },
      [
        '21:19 verify.any.0.timestamp.from: the time must be part of the signed text, or anybody could replay an old request',
      ],
    ],
    [
      'an unknown canonical type',
      { types: [{ match: { 'json:/t': ['x'] }, type: 'payment.succeded' }] },
      ['33:15 types.0.type: "payment.succeded" is not a canonical type. Did you mean "payment.succeeded"?'],
    ],
    [
      'a match on an unknown selector',
      { types: [{ match: { 'jso:/t': ['x'] }, type: null }] },
      [expect.stringContaining('unknown selector "jso" in "jso:/t". Did you mean "json"?')],
    ],
    [
      'a rejection with the status of a success',
      { reject: { status: 200 } },
      [expect.stringMatching(/^27:15 reject\.status: /)],
    ],
    [
      'an acknowledgement with the status of a rejection',
      { acknowledge: { status: 500 } },
      [expect.stringMatching(/^27:15 acknowledge\.status: /)],
    ],
    [
      'an exponent of no currency',
      { payments: [{ amount: { from: ['json:/a'], unit: 'minor', exponents: { IDX: 1 } } }] },
      [expect.stringContaining('"IDX" is not a currency of ISO 4217')],
    ],
  ])('with %s is not accepted, and the mistake is located', (_what, parts, expected) => {
    expect(mistakesIn(parts)).toEqual(expected);
  });

  it.each([
    ['', ['1:1 The file is empty.']],
    ['{\n  "title": ,\n}', ['2:12 Expected a value.']],
    ['{"title": "a" "verify": 1}', ['1:15 Expected a comma before this.']],
  ])('that is not JSON is not accepted: %j', (text, expected) => {
    const { mistakes } = parsePreset('acme.json', text);

    expect(mistakes.map(({ line, column, message }) => `${line}:${column} ${message}`)).toEqual(expected);
  });

  it('may not have a name twice, or one that JavaScript treats as special', () => {
    const text = `{\n"title": "b",\n"__proto__": {},\n${JSON.stringify(good).slice(1)}`;
    const messages = parsePreset('acme.json', text).mistakes.map(({ line, message }) => `${line} ${message}`);

    expect(messages).toContain('3 "__proto__" cannot be a name');
    expect(messages).toContain('4 "title" appears twice in this object');
  });

  it('has a file that is named after a gateway', () => {
    expect(parsePreset('Acme Pay.json', JSON.stringify(good)).mistakes[0]?.message).toBe(
      'the file is named after the gateway: expected lower-case letters, digits and _',
    );
  });
});

describe('a folder of presets', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await temporaryFolder();
  });

  it('is loaded completely, in the order of the names', async () => {
    await writeFile(join(folder, 'beta.json'), JSON.stringify(good));
    await writeFile(join(folder, 'acme.json'), JSON.stringify(good));
    await writeFile(join(folder, 'README.md'), 'not a preset');

    expect([...(await loadPresets(folder)).keys()]).toEqual(['acme', 'beta']);
  });

  it('is not loaded, and every mistake of every file is reported', async () => {
    await writeFile(join(folder, 'acme.json'), JSON.stringify({ ...good, titel: 1, types: 2 }));
    await writeFile(join(folder, 'beta.json'), '{');
    await writeFile(join(folder, 'good.json'), JSON.stringify(good));

    await expect(loadPresets(folder)).rejects.toMatchObject({
      code: 'KAIT_GATEWAYS_INVALID',
      message: expect.stringMatching(
        /^\S+acme\.json:1:\d+ {2}"titel" is not known here\. .*\n\S+acme\.json:1:\d+ {2}types: .*\n\S+beta\.json:1:2 {2}Expected a closing "}"\.$/,
      ),
    });
  });
});
