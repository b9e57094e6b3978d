import { z } from 'zod';
import { compileSelector, parseSelector, type SelectorKind, selectorSchema } from './selector.ts';
import type { RequestView } from './request-view.ts';

export const signatureSelectors: readonly SelectorKind[] = ['header', 'query', 'json', 'item', 'form'];

const separator = z.string().min(1).max(3);

export const signatureSchema = z
  .strictObject({
    from: selectorSchema(signatureSelectors).describe(
      'The selector of the signature: header:stripe-signature, json:/signature_key.',
    ),
    encoding: z.enum(['hex', 'base64', 'base64url']),
    prefix: z.string().min(1).optional().describe('The prefix of each signature, such as sha256=.'),
    prefixOptional: z.boolean().default(false).describe('Whether a signature without its prefix is accepted too.'),
    separator: separator.default(',').describe('The separator of several signatures or pairs.'),
    pairs: z
      .strictObject({
        field: z
          .string()
          .min(1)
          .describe('The name of the signature: v1 in t=1,v1=ab. cfg:publicKey is a setting of the source.'),
        assign: separator.default('=').describe('The text between a name and its value.'),
      })
      .optional()
      .describe('The header is a list of names and values. Other fields have selectors sig:name.'),
  })
  .describe('Where the signature is, and its format.');
export type SignatureOptions = z.output<typeof signatureSchema>;

/** Signatures, and the fields that were sent with them. */
export interface SignatureGroup {
  fields: ReadonlyMap<string, string>;
  /** The digests, decoded. */
  candidates: Buffer[];
}

/** Gateways send one signature, or two or three during a rotation. More would only make a forged request cost more. */
const candidateLimit = 16;
const groupLimit = 4;
/** Characters. Node accepts 16 kB of headers. */
const textLimit = 4_096;

/**
 * How often a request may have its body hashed for signatures of its own choice: up to 16 times, but no more than 2 MiB in all, and
 * twice whatever its size. Gateways that repeat a header or rotate their keys send two.
 */
export function triesFor(bytes: number): number {
  return Math.max(2, Math.min(candidateLimit, Math.floor(hashedBytes / Math.max(1, bytes))));
}

const hashedBytes = 2 * 2 ** 20;

/**
 * Reads the signatures of a request. Undefined if there is no text at all. An empty list if no signature is well formed and has
 * the `usedFields` that the signed text needs.
 */
export function compileSignatures(options: SignatureOptions, usedFields: readonly string[]) {
  const read = compileSelector(parseSelector(options.from, signatureSelectors));
  return (view: RequestView): SignatureGroup[] | undefined => {
    const text = read(view);
    if (text === undefined || text === '') return undefined;
    if (text.length > textLimit) return [];
    const field = signatureField(options, view);
    const groups = groupsOf(text, options, usedFields, field)
      .filter(({ fields }) => usedFields.every((each) => fields.has(each)))
      .slice(0, groupLimit);
    let left = candidateLimit;
    return groups.flatMap(({ fields, texts }) => {
      const candidates = texts.slice(0, Math.max(0, left)).flatMap((each) => decode(each, options) ?? []);
      left -= texts.length;
      return candidates.length === 0 ? [] : [{ fields, candidates }];
    });
  };
}

/** Writes a signature as the gateway does: `t=1,v1=ab`. */
export function formatSignature(digest: Buffer, options: SignatureOptions, view: RequestView): string {
  const text = `${options.prefix ?? ''}${digest.toString(options.encoding)}`;
  const { pairs } = options;
  const field = signatureField(options, view);
  if (pairs === undefined || field === undefined) return text;
  const all = [...(view.signatureFields ?? []), [field, text] as const];
  return all.map(([name, value]) => `${name}${pairs.assign}${value}`).join(options.separator);
}

/** The name before the signature. Undefined if signatures have no names, or the source lacks the setting that names them. */
function signatureField({ pairs }: SignatureOptions, view: RequestView): string | undefined {
  if (!pairs?.field.startsWith('cfg:')) return pairs?.field;
  return view.settings[pairs.field.slice('cfg:'.length)];
}

interface TextGroup {
  fields: Map<string, string>;
  texts: string[];
}

/**
 * A repeated header arrives as one text: `t=1,v1=a, t=2,v1=b`. If a field of the signed text repeats, it begins the next group,
 * so that each signature is checked with its own time.
 */
function groupsOf(
  text: string,
  { pairs, separator: between }: SignatureOptions,
  usedFields: readonly string[],
  signatureField: string | undefined,
): TextGroup[] {
  const repeats = between.startsWith(',') ? [text] : text.split(', ', candidateLimit);
  const pieces = repeats
    .flatMap((repeat) => repeat.split(between, candidateLimit * 2))
    .slice(0, candidateLimit * 2)
    .map((piece) => piece.trim());
  if (pairs === undefined) return [{ fields: new Map(), texts: pieces }];
  let group: TextGroup = { fields: new Map(), texts: [] };
  const groups = [group];
  for (const piece of pieces) {
    const [name, value] = splitOnce(piece, pairs.assign);
    if (value === undefined) continue;
    if (name === signatureField) group.texts.push(value);
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
 * Accepts only the canonical encoding, except that hex digits may be of either case. `Buffer.from` alone would also accept
 * garbage after the digits, and several spellings of the same base64.
 */
function decode(text: string, { encoding, prefix = '', prefixOptional }: SignatureOptions): Buffer | undefined {
  if (!text.startsWith(prefix) && !prefixOptional) return undefined;
  const digits = text.startsWith(prefix) ? text.slice(prefix.length) : text;
  const bytes = Buffer.from(digits, encoding);
  const written = bytes.toString(encoding);
  return bytes.length > 0 && written === (encoding === 'hex' ? digits.toLowerCase() : digits) ? bytes : undefined;
}
