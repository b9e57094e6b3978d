import type { Json, JsonObject } from '../../../language/json.ts';
import { parsePointer } from '../json-pointer.ts';
import type { RequestView } from '../request-view.ts';
import type { AskSource } from './ask-source.ts';
import { storedView } from './stored-event.ts';

/** A question as a preset declares it, as far as it says which webhooks it is about. */
interface Declared {
  match?: Record<string, readonly unknown[]> | undefined;
  request?: { url: string } | undefined;
}

/**
 * What webhooks about `id` would look like to the questions of a preset: the id where the question's address has it, and beside it what its
 * `match` asks for. They are only asked with, never stored.
 */
export function viewsAsking(source: AskSource, questions: readonly Declared[], id: string): RequestView[] {
  const seen = new Set<string>();
  return questions.flatMap((question) => {
    const fields = fieldsOf(question, id);
    if (fields === null) return [];
    const webhook = fields.some(([selector]) => selector.startsWith('form:')) ? formOf(fields) : documentOf(fields);
    if (seen.has(webhook.body)) return [];
    seen.add(webhook.body);
    return [viewOf(source, webhook)];
  });
}

type Field = [selector: string, text: string];

/** Null if the address has no value of a webhook in it. */
function fieldsOf({ match = {}, request }: Declared, id: string): Field[] | null {
  const [, place] = /\{((?:json|item|form):[^}|]+?)(?:\s*\|[^}]*)?\}/.exec(request?.url ?? '') ?? [];
  if (place === undefined) return null;
  const others = Object.entries(match).flatMap(([selector, values]): Field[] => {
    const [text] = values.filter((value) => typeof value === 'string');
    return selector === place || text === undefined ? [] : [[selector, text]];
  });
  return [...others, [place, id]];
}

interface Webhook {
  body: string;
  contentType: string;
}

function formOf(fields: readonly Field[]): Webhook {
  const pairs = fields.map(([selector, text]): Field => [selector.replace(/^\w+:\/?/, ''), text]);
  return { body: new URLSearchParams(pairs).toString(), contentType: 'application/x-www-form-urlencoded' };
}

function documentOf(fields: readonly Field[]): Webhook {
  const document = fields.reduce<Json>(
    (whole, [selector, text]) => withText(whole, parsePointer(selector.replace(/^\w+:/, '')), text),
    {},
  );
  return { body: JSON.stringify(document), contentType: 'application/json' };
}

function withText(whole: Json | undefined, [first, ...rest]: string[], text: string): Json {
  if (first === undefined) return text;
  const members: JsonObject = typeof whole === 'object' && whole !== null && !Array.isArray(whole) ? whole : {};
  const member = Object.hasOwn(members, first) ? members[first] : undefined;
  return { ...members, [first]: withText(member, rest, text) };
}

function viewOf(source: AskSource, { body, contentType }: Webhook): RequestView {
  return storedView(source, { body: Buffer.from(body), contentType, item: 0, receivedAt: new Date(0) });
}
