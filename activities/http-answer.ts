import type { SentRequest } from '../http/send-request.ts';
import type { Mask } from '../http/mask-secrets.ts';
import { holdsCredentials } from '../header-names.ts';
import type { Json } from '../language/json.ts';
import { parseJson } from '../language/parse-json.ts';
import { cutText } from '../language/well-formed.ts';

type Answered = SentRequest & { kind: 'answered' };

/** Headers that say where something is, what it is and when to ask again. None of them holds a credential. */
const keptHeaders = [
  ...['allow', 'content-location', 'content-type', 'etag', 'last-modified', 'link', 'location', 'retry-after'],
  ...['request-id', 'x-request-id', 'x-correlation-id'],
];

/** UTF-16 code units. A longer header is left out: half of a location leads somewhere else. */
const longestHeader = 2_048;
/** UTF-16 code units of a body in a failure, which each level of child runs repeats. */
const longestFailedBody = 4_096;

/**
 * The headers of an answer that history keeps: lower-case names, without cookies, and without secrets that were sent. `more` names
 * others that the definition wants.
 */
export function headersOf({ headers }: Answered, mask: Mask, more: readonly string[] = []): Record<string, string> {
  const wanted = more.filter((name) => !holdsCredentials(name)).map((name) => name.toLowerCase());
  const names = new Set([...keptHeaders, ...wanted]);
  const kept = [...names].flatMap((name) => {
    const value = Object.hasOwn(headers, name) ? headers[name] : undefined;
    return value === undefined || value.length > longestHeader ? [] : [[name, mask.text(value)]];
  });
  return Object.fromEntries(kept) as Record<string, string>;
}

/** JSON is masked after parsing, which removes its escapes. Other bodies are text. */
export function bodyOf({ body, headers, bodyComplete }: Answered, mask: Mask): Json {
  const text = body.toString('utf8');
  if (!/^application\/([\w.+-]+\+)?json\b/i.test(headers['content-type'] ?? '')) {
    return mask.text(text, { cut: !bodyComplete });
  }
  try {
    return mask.document(parseJson(text)) as Json; // Only its texts differ.
  } catch {
    return mask.text(text, { cut: !bodyComplete });
  }
}

/** An answer that a step did not expect, as its failure carries it. See `UnexpectedAnswer` in `workflows/effects.ts`. */
export function unexpectedAnswer(answer: Answered, mask: Mask, more?: readonly string[]) {
  return { status: answer.status, body: shortBody(bodyOf(answer, mask)), headers: headersOf(answer, mask, more) };
}

function shortBody(body: Json): Json {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return text.length <= longestFailedBody ? body : `${cutText(text, longestFailedBody - 1)}…`;
}
