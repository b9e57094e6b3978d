import type { Json } from '../../../../language/json.ts';
import { isForm } from './pieces.ts';
import type { Attempt, SignedSample } from './signed-samples.ts';

/** The same fields in another layout. */
export function otherLayouts({ request, credentials }: SignedSample): (readonly [name: string, attempt: Attempt])[] {
  const body = request.body.toString('utf8');
  const texts = isForm(request) ? formLayouts(body) : jsonLayouts(JSON.parse(body) as Json);
  return texts.map(([name, text]) => [name, { request: { ...request, body: Buffer.from(text) }, credentials }]);
}

/** The same fields, plus one that the gateway did not send. */
export function withFieldMore({ request, credentials }: SignedSample): Attempt {
  const body = request.body.toString('utf8');
  const more = isForm(request) ? `kait=1&${body}` : body.replace('{', '{"kait":1,');
  return { request: { ...request, body: Buffer.from(more) }, credentials };
}

function formLayouts(body: string): [string, string][] {
  const fields = body.split('&');
  return [
    ['fields in the opposite order', fields.toReversed().join('&')],
    ['blanks as %20', body.replaceAll('+', '%20')],
    ['every octet escaped', [...new URLSearchParams(body)].map((pair) => pair.map(escaped).join('=')).join('&')],
  ];
}

function escaped(text: string): string {
  return [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
}

function jsonLayouts(document: Json): [string, string][] {
  return [
    ['compact', JSON.stringify(document)],
    ['indented, after white space', `\n ${JSON.stringify(document, null, 4)}\n`],
    ['members in the opposite order', JSON.stringify(reversed(document))],
    ['characters escaped', JSON.stringify(document).replace(/[^\0-\u007f]/g, escapedUnit)],
    ['after a byte order mark', `\uFEFF${JSON.stringify(document)}`],
  ];
}

function escapedUnit(unit: string): string {
  return [...Array(unit.length).keys()]
    .map((index) => `\\u${unit.charCodeAt(index).toString(16).padStart(4, '0')}`)
    .join('');
}

function reversed(value: Json): Json {
  if (Array.isArray(value)) return value.map(reversed);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([name, member]) => [name, reversed(member)]),
  );
}
