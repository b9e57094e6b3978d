import { describe, expect, it } from 'vitest';
import type { CompiledPreset } from '../../server/gateway/presets.ts';
import { showBody } from '../../server/show-body.ts';
import { presetWith } from './gateway/gateways.ts';

const preset = presetWith({ redact: ['/card', '/**/secret'] });
const batch = presetWith({
  event: { items: '/events/*', id: 'item:/id', unsignedId: 'a test', type: ['item:/type'] },
  redact: ['/card'],
});

function show(
  given: string | Buffer,
  { of, item = 0, raw = false }: { of: CompiledPreset | undefined; item?: number; raw?: boolean } = { of: preset },
) {
  return showBody(of, { body: Buffer.from(given), contentType: 'application/json', item }, { raw });
}

describe('a stored body', () => {
  it('is shown without what the preset redacts', () => {
    // printf '<the body>' | sha256sum
    const sha256 = '0758c4bde15d31b30457637c1a944810da6752bae4922ea3f36e86b5fd349472';
    expect(show('{"id":"a","card":"4111","deep":{"secret":"s","kept":1}}')).toEqual({
      data: { id: 'a', deep: { kept: 1 } },
      body: {
        contentType: 'application/json',
        bytes: 55,
        sha256,
        items: 1,
        item: 0,
        numbersAsText: [],
        hidden: null,
        raw: null,
      },
    });
  });

  it('is shown as the one event of a batch', () => {
    const shown = show('{"events":[{"id":"a","card":"4111"},{"id":"b","card":"4222"}]}', { of: batch, item: 1 });
    expect(shown).toMatchObject({ data: { id: 'b' }, body: { items: 2, item: 1, hidden: null } });
    expect(JSON.stringify(shown)).not.toMatch(/4111|4222/);
  });

  it('names the numbers that are texts so that no digit is lost, but none that is redacted', () => {
    const shown = show('{"id":12345678901234567890,"card":12345678901234567891,"deep":{"n":1}}');
    expect(shown).toMatchObject({ data: { id: '12345678901234567890' }, body: { numbersAsText: ['/id'] } });
    const second = show('{"events":[{"id":12345678901234567890},{"id":1,"n":12345678901234567892}]}', {
      of: batch,
      item: 1,
    });
    expect(second).toMatchObject({ data: { n: '12345678901234567892' }, body: { numbersAsText: ['/n'] } });
  });

  it.each([
    [
      'cannot be parsed',
      '{"card":"4111"',
      preset,
      'it cannot be taken apart (not-json), so that nothing can be redacted from it',
    ],
    [
      'has no list of events',
      '{"card":"4111"}',
      batch,
      'it cannot be taken apart (no-items), so that nothing can be redacted from it',
    ],
    [
      'is binary',
      Buffer.from([0xff, 0x00, 0x1b]),
      preset,
      'it cannot be taken apart (not-json), so that nothing can be redacted from it',
    ],
    [
      'has no preset any more',
      '{"card":"4111"}',
      undefined,
      'its gateway has no preset any more, which would say what to redact',
    ],
  ])('is not shown if it %s, not even if its first bytes could be', (_why, body, of, hidden) => {
    const shown = show(body, { of });
    expect(shown).toMatchObject({ data: null, body: { hidden, raw: null } });
    expect(JSON.stringify(shown)).not.toContain('4111');
  });

  it('that cannot be taken apart shows its first 512 bytes if they are asked for', () => {
    const shown = show(`{"note":"${'x'.repeat(1_000)}`, { of: preset, raw: true });
    expect(shown.body.raw).toBe(`{"note":"${'x'.repeat(503)}`);
    expect(shown.body.bytes).toBe(1_009);
  });

  it('that can be redacted never shows its bytes, even if they are asked for', () => {
    expect(show('{"id":"a","card":"4111"}', { of: preset, raw: true })).toMatchObject({
      data: { id: 'a' },
      body: { raw: null },
    });
  });
});
