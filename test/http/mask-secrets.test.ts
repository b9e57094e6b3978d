import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foldEscapes } from '../../http/fold-escapes.ts';
import { createMask } from '../../http/mask-secrets.ts';

const secret = 'tok/en+4711=Ab';
const pair = `Basic ${Buffer.from('kopi-42:s3cr3t-Pa55').toString('base64')}`;

describe('a secret in a text', () => {
  it.each([
    ['as it is', 'tok/en+4711=Ab'],
    ['in other case', 'TOK/EN+4711=AB'],
    ['with JSON’s escapes', 'tok\\/en\\u002B4711\\u003dAb'],
    ['with JSON’s escapes, escaped again', 'tok\\\\\\/en\\\\u002B4711=Ab'],
    ['in a URL', 'tok%2Fen%2b4711%3DAb'],
    ['in a URL in a URL', 'tok%252Fen%252B4711%253DAb'],
    ['in HTML', 'tok&#x2F;en&#43;4711&equals;Ab'],
    ['in base64', Buffer.from(secret).toString('base64').replace('=', '')],
    ['in base64url', Buffer.from(secret).toString('base64url')],
    ['in hex', Buffer.from(secret).toString('hex')],
    ['in upper-case hex', Buffer.from(secret).toString('hex').toUpperCase()],
    ['after a percent sign', '%tok/en+4711=Ab'.slice(1)],
  ])('is masked %s', (_how, form) => {
    expect(createMask([secret]).text(`<b>${form}</b>`)).toBe('<b>[secret]</b>');
  });

  it.each([
    ['decoded from Basic', 'kopi-42:s3cr3t-Pa55', '[secret]'],
    ['without its scheme', pair.slice(6), '[secret]'],
    ['by its password', 'the password s3cr3t-Pa55 is wrong', 'the password [secret] is wrong'],
    ['in another order', 's3cr3t-Pa55:kopi-42', '[secret]:kopi-42'],
  ])('of a pair is masked %s', (_how, text, expected) => {
    expect(createMask([pair]).text(text)).toBe(expected);
  });

  it('that begins with hex digits is masked after a percent sign', () => {
    expect(createMask(['ab12cd34ef']).text('100%ab12cd34ef')).toBe('100%[secret]');
  });

  it.each([
    ['tok/en+47', '[secret]'],
    ['tok\\/en\\u002B47\\u00', '[secret]'],
    ['tok', 'tok'],
  ])('that was cut off to %j becomes %j', (rest, shown) => {
    expect(createMask([secret]).text(`echo ${rest}`, { cut: true })).toBe(`echo ${shown}`);
  });

  it('of few characters is masked only where it stands alone', () => {
    expect(createMask(['user:pw12']).text('pw12 pw123 "pw12"')).toBe('[secret] pw123 "[secret]"');
  });
});

describe('a secret in a document', () => {
  it('is masked in names, texts and numbers at any depth', () => {
    const document = { [secret]: [{ a: `x ${secret} y`, b: 47114711, c: true, d: null }] };
    expect(createMask([secret, '47114711']).document(document)).toEqual({
      '[secret]': [{ a: 'x [secret] y', b: '[secret]', c: true, d: null }],
    });
  });

  it('that has none is the same document', () => {
    const document = { a: ['100 %', '\\u', '&amp;', 1.5, -0] };
    expect(createMask([secret]).document(document)).toBe(document);
  });
});

const base64 = (text: string) => Buffer.from(text).toString('base64');
const derivations: ((text: string) => string)[] = [
  (text) => text,
  base64,
  (text) => base64(`x${text}`),
  (text) => base64(`ab${text}cd`),
  (text) => Buffer.from(text).toString('base64url'),
  (text) => Buffer.from(text).toString('hex'),
  (text) => Buffer.from(text).toString('hex').toUpperCase(),
];
/** By code points, all below U+0080 here. */
const codesOf = (text: string) => Array.from(text, (character) => character.charCodeAt(0));
const escapings: ((text: string) => string)[] = [
  (text) => text,
  encodeURIComponent,
  (text) => encodeURIComponent(encodeURIComponent(text)),
  (text) => JSON.stringify(text).slice(1, -1).replaceAll('/', '\\/'),
  (text) =>
    codesOf(text)
      .map((code) => `\\u00${code.toString(16).padStart(2, '0')}`)
      .join(''),
  (text) =>
    codesOf(text)
      .map((code) => `&#${code};`)
      .join(''),
];

/** Whether eight characters in a row of one text are in the other, in any spelling. */
const shares = (one: string, other: string) =>
  windowsOf(foldEscapes(one).folded).some((part) => foldEscapes(other).folded.includes(part));
const windowsOf = (one: string) =>
  Array.from({ length: Math.max(0, one.length - 7) }, (_, at) => one.slice(at, at + 8));

describe('every derived form', () => {
  const unit = fc.constantFrom(...Array.from('abcXYZ0189/+=-_.~"\\%&'));
  const secrets = fc.string({ unit, minLength: 12, maxLength: 40 });

  it('leaves nothing of eight characters in a text or a document', () => {
    fc.assert(
      fc.property(
        secrets,
        fc.constantFrom(...derivations),
        fc.constantFrom(...escapings),
        fc.constantFrom(' ', '"', '<', '\n', 'x='),
        (given, derive, escape, around) => {
          const echo = escape(derive(given));
          const mask = createMask([`Bearer ${given}`]);
          expect(shares(echo, mask.text(`${around}${echo}${around}`))).toBe(false);
          const masked = JSON.stringify(mask.document({ [echo]: [{ said: `${around}${echo}` }] }));
          expect(shares(echo, masked)).toBe(false);
        },
      ),
    );
  });
});
