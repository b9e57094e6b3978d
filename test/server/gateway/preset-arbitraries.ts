import fc from 'fast-check';
import type { Json } from '../../../language/json.ts';
import type { CompiledPreset } from '../../../server/gateway/presets.ts';
import type { InboundRequest } from '../../../server/gateway/request-view.ts';
import { parsePointer } from '../../../server/gateway/json-pointer.ts';

/** Requests with anything in the texts that the preset reads, and with anything at all. */
export function requestsFor(preset: CompiledPreset): fc.Arbitrary<InboundRequest> {
  const names = namesIn(preset);
  const document = documentFor(preset, names.pointers);
  return fc.record({
    method: fc.constantFrom('POST', 'GET'),
    url: fieldsOf(names.query).map((query) => `/in/${preset.name}?${query}`),
    headers: fc
      .tuple(fc.dictionary(fc.constantFrom('x-other', ...names.headers), headerValue, { maxKeys: 8 }), contentType)
      .map(([headers, type]) => ({ ...headers, ...type })),
    body: fc.oneof(
      fc.uint8Array({ maxLength: 300 }).map((each) => Buffer.from(each)),
      fc.json({ maxDepth: 6 }).map((each) => Buffer.from(each)),
      document.map((each) => Buffer.from(JSON.stringify(each))),
      fieldsOf(names.fields).map((each) => Buffer.from(each)),
      document.map((each) => Buffer.from(formWith(preset, each))),
    ),
  });
}

const contentType = fc.constantFrom(
  {},
  { 'content-type': 'application/json' },
  { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
);

const headerValue = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 100 }),
  fc.array(fc.string(), { maxLength: 4 }),
  fc.tuple(fc.integer(), fc.stringMatching(/^[0-9a-f]{64}$/)).map(([time, digest]) => `t=${time},v1=${digest}`),
  fc.base64String({ maxLength: 100 }),
);

/** Values that gateways send, and values that nobody should send. */
const value = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom('2026-01-01T00:00:00Z', '1767225600', 'IDR', 'usd', '1000.50', 'paid', '', 'x'.repeat(300)),
  fc.integer(),
  fc.double(),
  fc.constant(null),
  fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<Json>,
);

/** The names in the selectors of a preset's file. */
function namesIn({ declared: preset, itemPointer }: CompiledPreset) {
  const text = JSON.stringify(preset);
  const namesOf = (kind: string) => [
    ...new Set(
      [...text.matchAll(new RegExp(`\\b${kind}:([^"{}|\\\\]+?)(?= [+|]|["{}\\\\])`, 'g'))].map(([, name]) => name!),
    ),
  ];
  const pointers = [...namesOf('json'), ...namesOf('item'), ...namesOf('item').map((each) => itemPointer(0) + each)];
  return {
    headers: namesOf('header').map((name) => name.toLowerCase()),
    query: ['other', ...namesOf('query')],
    fields: ['other', ...namesOf('form'), ...namesOf('item').map((pointer) => pointer.slice(1))],
    pointers: ['/other', '/__proto__', ...pointers],
  };
}

function documentFor({ declared: preset }: CompiledPreset, pointers: string[]): fc.Arbitrary<Json> {
  const texts = (preset.types ?? []).flatMap(({ match }) => Object.values(match).flat());
  const known = texts.filter((text) => typeof text === 'string');
  const member = fc.tuple(fc.constantFrom(...pointers), fc.oneof(value, fc.constantFrom('', ...known)));
  return fc.array(member, { maxLength: 12 }).map((members) => {
    const document = {};
    for (const [pointer, each] of members) setAt(document, parsePointer(pointer), each);
    return document;
  });
}

/** A part of digits makes a list. Defines own members, so that `__proto__` becomes one. */
function setAt(target: object, [part = '', ...rest]: string[], member: Json): void {
  const [next] = rest;
  const found = Object.getOwnPropertyDescriptor(target, part)?.value as Json | undefined;
  const inner = found !== null && typeof found === 'object' ? found : /^\d+$/.test(next ?? '') ? [] : {};
  const value = next === undefined ? member : inner;
  Object.defineProperty(target, part, { value, enumerable: true, configurable: true });
  if (next !== undefined) setAt(inner, rest, member);
}

function fieldsOf(names: string[]): fc.Arbitrary<string> {
  const field = fc.tuple(fc.constantFrom(...names), fc.string({ unit: 'binary', maxLength: 40 }));
  return fc.array(field, { maxLength: 8 }).map((fields) => new URLSearchParams(fields).toString());
}

function formWith({ declared: preset }: CompiledPreset, document: Json): string {
  const { field = 'payload', encoding, format } = preset.body;
  const text =
    format === 'json'
      ? JSON.stringify(document)
      : `<event><x>${JSON.stringify(document).replace(/[<&]/g, '')}</x></event>`;
  return new URLSearchParams({
    [field]: encoding === 'base64' ? Buffer.from(text).toString('base64') : text,
  }).toString();
}
