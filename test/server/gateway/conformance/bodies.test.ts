import { describe, expect, it } from 'vitest';
import { otherLayouts, withFieldMore } from './layouts.ts';
import { acceptedOf } from './mutations.ts';
import { selectorsOf, templatesOf } from './pieces.ts';
import { isAccepted, onePerScheme, signBytes, signedSamples, type SignedSample } from './signed-samples.ts';

/** How much of the body the preset's templates sign. */
function coverageOf({ schemes }: SignedSample): 'bytes' | 'minified' | 'some fields' | 'all fields' | 'nothing' {
  const selectors = schemes.flatMap(templatesOf).flatMap(selectorsOf);
  const body = selectors.find((selector) => /^body\b/.test(selector));
  if (body !== undefined) return body.includes('minify') ? 'minified' : 'bytes';
  if (selectors.some((selector) => selector.startsWith('canonical:'))) return 'all fields';
  return selectors.some((selector) => /^(?:json|item|form):/.test(selector)) ? 'some fields' : 'nothing';
}

const samples = onePerScheme(await signedSamples()).filter(({ schemes }) => schemes[0]!.scheme !== 'none');
const titled = (each: SignedSample) => [each.title, each] as const;
const coveredBy = (coverage: string) => samples.filter((each) => coverageOf(each) === coverage).map(titled);

const awkward = `"kait": {"amount": 1.0, "name": "Jos\\u00e9 a  b", "path": "a\\/b", "list": [1, 2]}`;

/** The sample with a member whose layout is easily lost, or that member alone if the sample's body is not an object. */
async function signedAwkward(sample: SignedSample): Promise<SignedSample> {
  const body = sample.sample.body.trim();
  const whole = body.startsWith('{') ? body.replace('{', `{ ${awkward},`) : `{ ${awkward} }`;
  return { ...sample, request: await signBytes(sample, Buffer.from(whole)) };
}

const changes: [what: string, change: (body: string) => string][] = [
  ['without a blank in a string', (body) => body.replace('a  b', 'a b')],
  ['with a number written otherwise', (body) => body.replace('1.0', '1')],
  ['with an escape written otherwise', (body) => body.replace('\\u00e9', 'é')],
  ['with an escape in capitals', (body) => body.replace('\\u00e9', '\\u00E9')],
  ['with a slash that is not escaped', (body) => body.replace('\\/', '/')],
  [
    'in another order',
    (body) => body.replace('"amount": 1.0, "name": "Jos\\u00e9 a  b"', '"name": "Jos\\u00e9 a  b", "amount": 1.0'),
  ],
  ['after a byte order mark', (body) => `\uFEFF${body}`],
  ['before a zero', (body) => `${body}\0`],
  ['cut short', (body) => body.slice(0, -1)],
  ['that is empty', () => ''],
];
const spacings: [what: string, change: (body: string) => string][] = [
  ['after white space', (body) => ` ${body}`],
  ['before a line break', (body) => `${body}\n`],
  ['with a blank less', (body) => body.replace('": {', '":{')],
  ['with line breaks of another system', (body) => body.replace('[1, 2]', '[1,\r\n2]')],
];

describe.each([...coveredBy('bytes'), ...coveredBy('minified')])('the body of %s', (_title, original) => {
  it('is accepted as it was sent, in any layout', async () => {
    const sample = await signedAwkward(original);

    expect(await isAccepted(sample, sample)).toBe(true);
  });

  it.each(changes)('is rejected %s', async (_what, change) => {
    const sample = await signedAwkward(original);
    const body = sample.request.body.toString('utf8');

    expect(change(body)).not.toBe(body);
    expect(
      await isAccepted(sample, { ...sample, request: { ...sample.request, body: Buffer.from(change(body)) } }),
    ).toBe(false);
  });

  it('may hold bytes that are not UTF-8, and is rejected if they differ', async () => {
    const bytes = (last: number) =>
      Buffer.concat([Buffer.from(`{${awkward},"x":"`), Buffer.from([0xff, last]), Buffer.from('"}')]);
    const request = await signBytes(original, bytes(0xfe));
    const sent = (body: Buffer) => ({ ...original, request: { ...request, body } });

    expect(await isAccepted(original, sent(bytes(0xfe)))).toBe(true);
    expect(await isAccepted(original, sent(bytes(0xff)))).toBe(false);
    expect(await isAccepted(original, sent(Buffer.from(bytes(0xfe).toString('utf8'))))).toBe(false);
  });
});

describe.each(coveredBy('bytes'))('the white space of %s', (_title, original) => {
  it.each(spacings)('is signed: it is rejected %s', async (_what, change) => {
    const sample = await signedAwkward(original);
    const body = Buffer.from(change(sample.request.body.toString('utf8')));

    expect(await isAccepted(sample, { ...sample, request: { ...sample.request, body } })).toBe(false);
  });
});

describe.each(coveredBy('minified'))('the white space of %s', (_title, original) => {
  it.each(spacings)('is not signed: it is accepted %s', async (_what, change) => {
    const sample = await signedAwkward(original);
    const body = Buffer.from(change(sample.request.body.toString('utf8')));

    expect(await isAccepted(sample, { ...sample, request: { ...sample.request, body } })).toBe(true);
  });
});

describe.each([...coveredBy('some fields'), ...coveredBy('all fields')])('the fields of %s', (_title, sample) => {
  it('may be laid out otherwise', async () => {
    const layouts = otherLayouts(sample);

    expect(await acceptedOf(sample, layouts)).toEqual(layouts.map(([name]) => name));
  });
});

it.each(coveredBy('some fields'))('accepts a field that is not signed with %s', async (_title, sample) => {
  expect(await isAccepted(sample, withFieldMore(sample))).toBe(true);
});

it.each(coveredBy('all fields'))('rejects a field that is not signed with %s', async (_title, sample) => {
  expect(await isAccepted(sample, withFieldMore(sample))).toBe(false);
});
