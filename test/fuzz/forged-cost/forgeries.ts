import type { InboundRequest } from '../../../server/gateway/request-view.ts';
import { credentialsOf, keyOf } from '../../server/gateway/conformance/sample-keys.ts';
import type { SignedSample } from '../../server/gateway/conformance/signed-samples.ts';
import type { TestCredentials } from '../../server/gateway/gateways.ts';

/** A request that is made to cost as much as possible before it is rejected. */
export interface Forgery {
  /** What is expensive about it: `escapes, many signatures`. */
  name: string;
  request: InboundRequest;
}

const [json, form, multipart, xml] = [
  'application/json',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'application/xml',
];

/** Forgeries of a sample, each with `bytes` of body: with everything that its signature needs, so that nothing ends them early. */
export function forgeriesOf({ request }: SignedSample, bytes: number): Forgery[] {
  const body = request.body.toString();
  const type = String(request.headers['content-type'] ?? json);
  const isForm = /urlencoded|multipart/.test(type) || /^[\w[\]%]+=/.test(body);
  const own = isForm ? formBodies(body, bytes) : jsonBodies(body, bytes);
  const bodies = [
    ...own.map((each) => ({ contentType: type, ...each })),
    ...(isForm ? jsonBodies('{}', bytes) : formBodies('a=1', bytes)).slice(0, 4).map((each) => ({
      contentType: isForm ? json : form,
      ...each,
    })),
    { name: 'UTF-16', contentType: `${json}; charset=utf-16le`, body: filled('', '\u0222', '', bytes) },
    { name: 'ISO-8859-1', contentType: `${type}; charset=iso-8859-1`, body: Buffer.alloc(bytes, 0xe9) },
    { name: 'JSON as a form', contentType: form, body: filled('{"a":"', 'x', '"}', bytes) },
    { name: 'multipart', contentType: multipart, body: filled('', `--x\r\n${part}\r\n\r\nb\r\n`, '--x--', bytes) },
    { name: 'a part', contentType: multipart, body: filled(`--x\r\n${part}\r\n\r\n`, 'b', '\r\n--x--', bytes) },
    { name: 'line ends', contentType: multipart, body: filled(`--x\r\n${part}\r\n\r\n`, '\r\n-', '\r\n--x--', bytes) },
    { name: 'XML', contentType: xml, body: filled('', '<a b="&amp;">', '', bytes) },
  ];
  return bodies.flatMap(({ name, contentType, body: forged }) => {
    const headers = { ...request.headers, 'content-type': contentType };
    return [
      { name, request: { ...request, headers, body: forged } },
      { name: `${name}, many signatures`, request: { ...request, headers: manySignatures(headers), body: forged } },
    ];
  });
}

const part = 'content-disposition: form-data; name="a"';

/** What a source holds while it changes its secret: neither has signed the sample. */
export function otherCredentials(sample: SignedSample): TestCredentials {
  const { preset, schemes, credentials } = sample;
  const other = keyOf(schemes, preset.declared.sampleSecret ?? '', 'other').verifier;
  return credentialsOf(preset, schemes, sample.sample, credentials.settings, other, other);
}

/** The sample's JSON with something long in it, so that it still has every field that is signed. */
function jsonBodies(body: string, bytes: number): { name: string; body: Buffer }[] {
  const text = body.trim();
  const [start, end] = [text.slice(0, -1), text.slice(-1)];
  const member = end === ']' ? ',' : start.length > 1 ? ',"pad":' : '"pad":';
  const padded = (open: string, item: string, close: string) => filled(start + member + open, item, close + end, bytes);
  const near = `"${'\\u00e9'.repeat(10)}${'x'.repeat(200)}",`;
  return [
    { name: 'a text', body: padded('"', 'x', '"') },
    { name: 'accents', body: padded('"', 'é', '"') },
    { name: 'escapes', body: padded('"', '\\u00e9', '"') },
    { name: 'some escapes', body: padded('"', `\\u00e9${'x'.repeat(12)}`, '"') },
    { name: 'escaped slashes', body: padded('"', `\\/${'/'.repeat(16)}`, '"') },
    { name: 'escaped quotes', body: padded('"', '\\"', '"') },
    { name: 'zeros', body: padded('[0', ',0', ']') },
    { name: 'texts', body: padded('["a"', ',"a"', ']') },
    { name: 'few long texts', body: padded('[0', `,${near}0`, ']') },
    { name: 'digits', body: padded('1', '7', '') },
    { name: 'long numbers', body: padded('[1', `,${'9'.repeat(300)}`, ']') },
    { name: 'objects', body: padded('[0', ',{"a":0}', ']') },
    { name: 'doubled members', body: padded('{"a":0', ',"a":0', '}') },
    { name: 'members', body: manyMembers(start + member, end, bytes) },
    { name: 'nested lists', body: padded('', '[', '') },
    { name: 'nested objects', body: padded('', '{"a":', '') },
    { name: 'white space', body: padded('0', ' ', '') },
    { name: 'lines', body: padded('[0', `,${' '.repeat(300)}0\n`, ']') },
    { name: 'white space before', body: filled('', '\n', text, bytes) },
    { name: 'not JSON', body: filled(text, ']', '', bytes) },
    { name: 'unfinished', body: filled(`${start}${member}"`, 'x', '', bytes) },
  ];
}

/** The sample's form with something long in it. */
function formBodies(body: string, bytes: number): { name: string; body: Buffer }[] {
  const [first = '', ...others] = body.split('&');
  const padded = (open: string, item: string) => filled(`${body}&${open}`, item, '', bytes);
  return [
    { name: 'a value', body: padded('pad=', 'x') },
    { name: 'escaped', body: padded('pad=', '%C3%A9') },
    { name: 'fields', body: padded('', 'a=1&') },
    { name: 'fewer fields', body: padded('', `a=${'%41'.repeat(400)}&`) },
    { name: 'pluses', body: padded('pad=', '+') },
    { name: 'no escapes', body: padded('pad=', '%') },
    { name: 'accents', body: padded('pad=', 'é') },
    { name: 'a name', body: padded('', '%41') },
    { name: 'ampersands', body: padded('', '&') },
    { name: 'doubled', body: padded('', `${first}&`) },
    { name: 'lists', body: padded('', 'a[]=1&') },
    { name: 'its first field', body: filled(first, '%C3%A9', `&${others.join('&')}`, bytes) },
    { name: 'its last field', body: filled(body, '%', '', bytes) },
    {
      name: 'not UTF-8',
      body: Buffer.concat([Buffer.from(`${body}&pad=`), Buffer.alloc(bytes - body.length - 5, 0xe9)]),
    },
  ];
}

function manyMembers(start: string, end: string, bytes: number): Buffer {
  const members = Array.from({ length: Math.floor(bytes / 14) }, (_, index) => `"m${index}":0`).join(',');
  return Buffer.from(`${start}{${members}}${end}`).subarray(0, bytes);
}

/** As many of `item` between the two as fit into `bytes`. */
function filled(start: string, item: string, end: string, bytes: number): Buffer {
  const [before, each, after] = [Buffer.from(start), Buffer.from(item), Buffer.from(end)];
  const times = Math.floor((bytes - before.length - after.length) / each.length);
  return Buffer.concat([before, Buffer.alloc(times * each.length, each), after]);
}

/** Each long value as often as Kait reads it, as if its header was repeated. Not the content type, which is read before. */
function manySignatures(headers: InboundRequest['headers']): InboundRequest['headers'] {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => {
      const text = String(value);
      if (name === 'content-type' || text.length < 32) return [name, value];
      const between = text.startsWith('v1,') ? ' ' : ', ';
      return [name, Array.from({ length: Math.min(16, Math.floor(4_000 / text.length)) }, () => text).join(between)];
    }),
  );
}
