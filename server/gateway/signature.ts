import { z } from 'zod';
import { compilePlace, parsePlace, type PlaceKind } from './place.ts';
import { placeSchema } from './place-schema.ts';
import type { RequestView } from './request-view.ts';

export const signaturePlaces: readonly PlaceKind[] = ['header', 'query', 'json', 'item', 'form'];

const separator = z.string().min(1).max(3);

export const signatureSchema = z
  .strictObject({
    from: placeSchema(signaturePlaces).describe(
      'Where the signature stands: header:stripe-signature, json:/signature_key.',
    ),
    encoding: z.enum(['hex', 'base64']),
    prefix: z.string().min(1).optional().describe('What stands before each signature, such as sha256=.'),
    separator: separator.default(',').describe('What separates several signatures, or several pairs.'),
    pairs: z
      .strictObject({
        field: z.string().min(1).describe('The name before the signature: v1 in t=1,v1=ab.'),
        assign: separator.default('=').describe('What stands between a name and its value.'),
      })
      .optional()
      .describe('The header is a list of names and values. Other fields are the places sig:name.'),
  })
  .describe('Where and how the signature is written.');
export type SignatureOptions = z.output<typeof signatureSchema>;

/** Signatures that stand together with the fields that they belong to. */
export interface SignatureGroup {
  fields: ReadonlyMap<string, string>;
  /** The digests, decoded. */
  candidates: Buffer[];
}

/** Gateways send one signature, and during a rotation two or three. More would only make a forger's request dearer. */
const candidateLimit = 16;
const groupLimit = 4;
/** Characters. Node lets 16 kB of headers through. */
const textLimit = 4_096;

/**
 * Reads the signatures of a request. An empty list: there is something, but nothing of the right form and length, or
 * without the `usedFields` that the signed text needs. Undefined: there is nothing.
 */
export function compileSignatures(options: SignatureOptions, usedFields: readonly string[], digestLength: number) {
  const read = compilePlace(parsePlace(options.from, signaturePlaces));
  return (view: RequestView): SignatureGroup[] | undefined => {
    const text = read(view);
    if (text === undefined || text === '') return undefined;
    if (text.length > textLimit) return [];
    const groups = groupsOf(text, options, usedFields)
      .filter(({ fields }) => usedFields.every((field) => fields.has(field)))
      .slice(0, groupLimit);
    let left = candidateLimit;
    return groups.flatMap(({ fields, texts }) => {
      const candidates = texts.slice(0, Math.max(0, left)).flatMap((each) => decode(each, options, digestLength) ?? []);
      left -= texts.length;
      return candidates.length === 0 ? [] : [{ fields, candidates }];
    });
  };
}

/** The inverse: a signature as the gateway writes it, `t=1,v1=ab`. */
export function formatSignature(
  digest: Buffer,
  options: SignatureOptions,
  fields: ReadonlyMap<string, string>,
): string {
  const text = `${options.prefix ?? ''}${digest.toString(options.encoding)}`;
  const { pairs } = options;
  if (pairs === undefined) return text;
  const all = [...fields, [pairs.field, text] as const];
  return all.map(([name, value]) => `${name}${pairs.assign}${value}`).join(options.separator);
}

interface TextGroup {
  fields: Map<string, string>;
  texts: string[];
}

/**
 * A repeated header arrives as one text: `t=1,v1=a, t=2,v1=b`. A field of the signed text that comes again begins the next
 * group, so that each signature is tried with its own time.
 */
function groupsOf(
  text: string,
  { pairs, separator: between }: SignatureOptions,
  usedFields: readonly string[],
): TextGroup[] {
  const pieces = text.split(between, candidateLimit * 2).map((piece) => piece.replace(/^[\s,]+|[\s,]+$/g, ''));
  if (pairs === undefined) return [{ fields: new Map(), texts: pieces }];
  let group: TextGroup = { fields: new Map(), texts: [] };
  const groups = [group];
  for (const piece of pieces) {
    const [name, value] = splitOnce(piece, pairs.assign);
    if (value === undefined) continue;
    if (name === pairs.field) group.texts.push(value);
    else if (usedFields.includes(name)) {
      if (group.fields.has(name)) groups.push((group = { fields: new Map(), texts: [] }));
      group.fields.set(name, value);
    }
  }
  return groups;
}

function splitOnce(text: string, at: string): [string, string | undefined] {
  const index = text.indexOf(at);
  return index === -1 ? [text, undefined] : [text.slice(0, index).trim(), text.slice(index + at.length).trim()];
}

/**
 * Exactly the digest's length, and written in the one way there is, but for the case of hex digits: `Buffer.from` alone
 * would also take garbage behind the digits, and several spellings of one base64 text.
 */
function decode(text: string, { encoding, prefix = '' }: SignatureOptions, digestLength: number): Buffer | undefined {
  if (!text.startsWith(prefix)) return undefined;
  const digits = text.slice(prefix.length);
  const bytes = Buffer.from(digits, encoding);
  if (bytes.length !== digestLength) return undefined;
  const written = bytes.toString(encoding);
  return written === (encoding === 'hex' ? digits.toLowerCase() : digits) ? bytes : undefined;
}
