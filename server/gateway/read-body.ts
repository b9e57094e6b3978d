import type { Json } from '../../language/json.ts';

/** Why a genuine body yields no event. Stable: operators see it in `kait events`. */
export type UnreadableReason = 'not-json' | 'nested-too-deeply' | 'too-many-values' | 'no-items' | 'no-type';

export type ReadBody =
  { document: Json; form: boolean; unreadable?: undefined } | { document?: undefined; unreadable: UnreadableReason };

/** No gateway comes near; expressions over the event stop at the same depth. */
const depthLimit = 64;
/**
 * Values in one body. Numbers such as 1e20 take up to five times their length when they are written again; with at most
 * this many, a body of 1 MiB stays below the 2 MB that Temporal takes as one payload.
 */
const valueLimit = 50_000;

/**
 * The body as JSON; of a form, an object of its fields. Bytes that are not UTF-8 become U+FFFD, since a garbled name is a
 * smaller loss than a payment. Never throws.
 */
export function readBody(body: Buffer, contentType: string | undefined): ReadBody {
  if (isForm(contentType)) return { document: formFields(body.toString('utf8')), form: true };
  const text = body.toString('utf8');
  let document: Json;
  try {
    document = JSON.parse(text.startsWith('\uFEFF') ? text.slice(1) : text) as Json; // What parses is JSON.
  } catch {
    return { unreadable: 'not-json' };
  }
  const tooLarge = excessOf(document);
  return tooLarge === undefined ? { document, form: false } : { unreadable: tooLarge };
}

function isForm(contentType: string | undefined): boolean {
  return contentType !== undefined && /^\s*application\/x-www-form-urlencoded\s*(?:;|$)/i.test(contentType);
}

/** The last of several fields of one name counts, as in PHP. */
function formFields(text: string): Json {
  const fields = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(text)) fields.set(name, value);
  return Object.fromEntries(fields);
}

/** The recursion is as deep as the limit at most. */
function excessOf(document: Json): UnreadableReason | undefined {
  let values = 0;
  const visit = (value: Json, depth: number): UnreadableReason | undefined => {
    values += 1;
    if (values > valueLimit) return 'too-many-values';
    if (value === null || typeof value !== 'object') return undefined;
    if (depth > depthLimit) return 'nested-too-deeply';
    for (const member of Array.isArray(value) ? value : Object.values(value)) {
      const excess = visit(member, depth + 1);
      if (excess !== undefined) return excess;
    }
    return undefined;
  };
  return visit(document, 1);
}
