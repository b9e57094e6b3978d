import { isObject, type Json } from '../json.ts';
import { type ActionCheck, membersOf } from './context.ts';
import { isLiteral, isOperation } from './template.ts';

/** Reports headers that a request has twice, and a content type that is not the body's. */
export function checkHeaderSet({ step, path, report }: ActionCheck): void {
  const seen = new Map<string, string>();
  for (const { key, value, path: at } of membersOf(step.headers, [...path, 'headers'])) {
    const name = key.toLowerCase();
    const first = seen.get(name);
    if (first !== undefined) {
      const message = `The request already has the header "${first}". Letter case makes no difference.`;
      report.add('KAIT1125', { path: at, on: 'key' }, message, 'Remove one of them.');
    }
    seen.set(name, key);
    if (name !== 'content-type' || typeof value !== 'string' || !isLiteral(value)) continue;
    const found = contradiction(value, step.body, step.form);
    if (found !== undefined) report.add('KAIT1126', { path: at }, found.problem, found.hint);
  }
}

/** What a template gives is not known, so only objects, lists and plain texts contradict. */
function contradiction(
  type: string,
  body: Json | undefined,
  form: Json | undefined,
): { problem: string; hint: string } | undefined {
  const isForm = /^application\/x-www-form-urlencoded\b/i.test(type);
  const isJson = /^[\w.+-]+\/([\w.+-]+\+)?json\b/i.test(type);
  if (form !== undefined) {
    if (isForm) return undefined;
    const problem = `This request sends a form, which is not "${type}".`;
    return { problem, hint: 'Remove the header, or use "body".' };
  }
  const isSentAsJson = Array.isArray(body) || (isObject(body) && !isOperation(body));
  if (isSentAsJson && !isJson) {
    const hint = isForm ? 'Use "form" instead of "body".' : 'Remove the header, or make the body a text.';
    return { problem: `This body is sent as JSON, which is not "${type}".`, hint };
  }
  if (isJson && typeof body === 'string' && isLiteral(body) && !spellsJson(body)) {
    return { problem: `This text is sent as it is, and is not "${type}".`, hint: 'Remove the header, or write JSON.' };
  }
  return undefined;
}

function spellsJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
