import { isObject, type Json } from '../../../language/json.ts';
import type { RequestView } from '../request-view.ts';
import type { RequestOptions } from './ask-schema.ts';
import { compileAskText, type AskText } from './ask-text.ts';

export interface RequestBody extends AskText {
  contentType: string;
}

/** The body of a request. Null: it has none. */
export function compileBody({ form, json }: Pick<RequestOptions, 'form' | 'json'>): RequestBody | null {
  if (form !== undefined) return compileForm(form);
  return json === undefined ? null : compileJson(json);
}

function compileForm(form: Record<string, string>): RequestBody {
  const fields = Object.entries(form).map(([name, template]) => ({ name, text: compileAskText(template) }));
  return {
    contentType: 'application/x-www-form-urlencoded',
    read: (view) =>
      new URLSearchParams(fields.map(({ name, text }): [string, string] => [name, text.read(view)])).toString(),
    uses: new Set(fields.flatMap(({ text }) => [...text.uses])),
  };
}

function compileJson(json: Json): RequestBody {
  const uses = new Set<string>();
  const fill = compileValue(json, uses);
  return { contentType: 'application/json', read: (view) => JSON.stringify(fill(view)), uses };
}

/** Adds to `uses` what the texts in the value take. */
function compileValue(value: Json, uses: Set<string>): (view: RequestView) => Json {
  if (typeof value === 'string') {
    const text = compileAskText(value);
    for (const each of text.uses) uses.add(each);
    return (view) => text.read(view);
  }
  if (Array.isArray(value)) {
    const members = value.map((member) => compileValue(member, uses));
    return (view) => members.map((fill) => fill(view));
  }
  if (!isObject(value)) return () => value;
  const members = Object.entries(value).map(([name, member]) => [name, compileValue(member, uses)] as const);
  return (view) => Object.fromEntries(members.map(([name, fill]) => [name, fill(view)]));
}
