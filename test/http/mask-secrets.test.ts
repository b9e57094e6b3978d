import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foldEscapes } from '../../http/fold-escapes.ts';
import { createMask } from '../../http/mask-secrets.ts';

const secret = 'tok/en+4711=Ab';
const base64 = (text: string) => Buffer.from(text).toString('base64');
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
    ['in base64 of base64', Buffer.from(Buffer.from(secret).toString('base64')).toString('base64').replace('=', '')],
    ['in hex of base64', Buffer.from(Buffer.from(secret).toString('base64')).toString('hex')],
    [
      'in base64 of a URL',
      Buffer.from(encodeURIComponent(`?a=${secret}`))
        .toString('base64')
        .replace('=', ''),
    ],
    ['in base64 of UTF-16', Buffer.from(secret, 'utf16le').toString('base64url')],
    [
      'in hex with colons',
      Buffer.from(secret)
        .toString('hex')
        .replace(/..(?=.)/g, '$&:'),
    ],
    ['with a line break', 'tok/en+\r\n4711=Ab'],
    ['with a NUL after each character', Array.from(secret).join('\0')],
    ['with invisible characters', 'tok\u200b/en+47\u200b11=Ab'],
    ['as a list of bytes', Array.from(Buffer.from(secret)).join(', ')],
    ['in octal', 'tok\\057en\\053\\064711=Ab'],
    ['as JavaScript’s escape() writes it', 'tok%u002Fen%u002B4711%u003DAb'],
    ['in quoted-printable', 'tok/en+47=\r\n11=3DAb'],
    ['after a percent sign', '%tok/en+4711=Ab'.slice(1)],
  ])('is masked %s', (_how, form) => {
    expect(createMask([secret]).text(`<b>${form}</b>`)).toBe('<b>[secret]</b>');
  });

  it.each([
    ['16 letters', 'correct-horse-batt', 'c\0o\0r\0r\0e\0c\0t-horse\r\nbatt', '[secret]'],
    ['15 letters', 'correct-horse-bat', 'correct horse bat', 'correct horse bat'],
    ['ten letters and digits', 'shop-key-421', 'shop key 421', '[secret]'],
    ['nine letters and digits', 'shop-key-42', 'shop key 42', 'shop key 42'],
  ])('of %s is masked with other characters in between, or not', (_what, given, text, expected) => {
    expect(createMask([given]).text(text)).toBe(expected);
  });

  it('in a JWT is masked with the part that holds it', () => {
    const claims = Buffer.from(JSON.stringify({ t: secret.replaceAll('/', '\\/') })).toString('base64url');
    expect(createMask([secret]).text(`eyJhbGciOiJIUzI1NiJ9.${claims}.c2ln`)).toBe('eyJhbGciOiJIUzI1NiJ9.[secret].c2ln');
  });

  it.each([
    ['shorter than four characters', 'abc', 'abc'],
    ['reversed', secret, 'bA=1174+ne/kot'],
    ['encoded three times', secret, base64(base64(base64(secret)))],
    ['in base32', secret, 'ORXWWL3FNYVTINZRGE6UCYQ='],
  ])('is not found %s', (_how, given, text) => {
    expect(createMask([given]).text(text)).toBe(text);
  });

  it('that is broken into lines of base64 is masked', () => {
    const long = 'sk_live_51H8xQ2eZvKYlo2C9dK3mP7nR4tW6yB8cD0fG1hJ5kL';
    const echo = Buffer.from(`Authorization: Bearer ${long}`).toString('base64').replace(/.{64}/g, '$&\r\n');
    expect(createMask([`Bearer ${long}`]).text(echo)).toBe('[secret]==');
  });

  it('with characters beyond U+FFFF is masked by their numbers', () => {
    expect(createMask(['key-😀-47114711']).text('key-&#128512;-4711 key-\\u{1f600}-47114711')).toBe(
      'key-&#128512;-4711 [secret]',
    );
  });

  it.each([
    ['decoded from Basic', 'kopi-42:s3cr3t-Pa55', '[secret]'],
    ['without its scheme', pair.slice(6), '[secret]'],
    ['by its password', 'the password s3cr3t-Pa55 is wrong', 'the password [secret] is wrong'],
    ['in another order', 's3cr3t-Pa55:kopi-42', '[secret]:kopi-42'],
  ])('of a pair is masked %s', (_how, text, expected) => {
    expect(createMask([pair]).text(text)).toBe(expected);
  });

  it.each([
    ['whose password is real stays', '1179000899123:s3cr3t-Pa55', '[secret] of 1179000899123'],
    ['whose password is a stub is masked', '1179000899123:X', 's3cr3t-Pa55 of [secret]'],
  ])('the user of a pair %s', (_which, given, expected) => {
    const mask = createMask([`Basic ${Buffer.from(given).toString('base64')}`, given]);
    expect(mask.text('s3cr3t-Pa55 of 1179000899123')).toBe(expected);
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

  it('is masked if it lies across several texts, or is a list of bytes', () => {
    const document = { a: 'the key is tok/en+', b: '4711=Ab', c: [...Buffer.from(secret)], d: Array.from(secret) };
    expect(createMask([secret]).document(document)).toEqual({
      a: 'the key is [secret]',
      b: '[secret]',
      c: Array(14).fill('[secret]'),
      d: Array(14).fill('[secret]'),
    });
  });

  it('keeps numbers and words that happen to have few of its letters in a row', () => {
    const document = { a: ['tok', 'en', 47, 11], b: 'token 4711' };
    expect(createMask([secret]).document(document)).toBe(document);
  });

  it('is masked in each of many texts, whatever characters these have', () => {
    const many = Object.fromEntries(Array.from({ length: 150_000 }, (_, number) => [`n${number}`, '\uFDD0']));
    const { last, ...others } = createMask([secret]).document({
      ...many,
      last: `\uFDD0${secret}\uFDD0`,
    }) as typeof many;
    expect(last).toBe('\uFDD0[secret]\uFDD0');
    expect(JSON.stringify(others) === JSON.stringify(many)).toBe(true);
  });

  it.each([
    [
      'amounts, ids and times',
      { amount: 4711, id: '0815-4711', at: '2026-01-01T00:00:00Z', uuid: '6f1c0b3e-47114711' },
    ],
    ['words of which a user name consists', { merchant: 'Toko Kopi Kuta', note: 'test production shop' }],
    ['what is 1234 or test', { pin: 1234, list: [1, 2, 3, 4], a: 'test1234', b: 'contest', c: '12345678901234' }],
    ['base64 of an image', { png: 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk' }],
  ])('that has none, but %s, is the same document', (_what, document) => {
    const secrets = [
      'Bearer sk_live_4711-0815',
      'toko-kopi-kuta:s3cr3t-Pa55',
      'test-shop-production',
      'merchant:1234-5678',
    ];
    expect(createMask(secrets).document(document)).toBe(document);
  });

  it('that has none is the same document', () => {
    const document = { a: ['100 %', '\\u', '&amp;', 1.5, -0] };
    expect(createMask([secret]).document(document)).toBe(document);
  });
});

const derivations: ((text: string) => string)[] = [
  (text) => text,
  base64,
  (text) => base64(`x${text}`),
  (text) => base64(`ab${text}cd`),
  (text) => Buffer.from(text).toString('base64url'),
  (text) => Buffer.from(text).toString('hex'),
  (text) => Buffer.from(text).toString('hex').toUpperCase(),
  (text) => base64(base64(text)),
  (text) => base64(encodeURIComponent(text)),
  (text) => base64(JSON.stringify({ authorization: text })),
  (text) => Buffer.from(base64(text)).toString('hex'),
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

it('a secret beside more base64 than a regular expression’s stack holds is masked', () => {
  const run = 'A'.repeat(6 * 1_024 * 1_024);
  expect(createMask([secret]).text(`${run} ${secret}`) === `${run} [secret]`).toBe(true);
});
