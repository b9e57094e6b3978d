import type { Json, JsonObject } from '../../../../language/json.ts';
import type { ComparisonOptions, ConfirmCase } from '../../../../server/gateway/ask/ask-schema.ts';
import { askedSelectors } from '../../../../server/gateway/ask/ask-text.ts';
import { parsePointer } from '../../../../server/gateway/json-pointer.ts';
import type { RequestView } from '../../../../server/gateway/request-view.ts';
import { compileSelector, parseSelector } from '../../../../server/gateway/selector.ts';

/** An answer that agrees with the event in every comparison, in the form that the preset expects. */
export function tellingAnswer({ answer, at = '', find, same = [] }: ConfirmCase, view: RequestView): JsonObject {
  const told: JsonObject = {};
  const thing = { at: parsePointer(at), isListed: find !== undefined };
  for (const [selector, texts] of Object.entries(answer?.found ?? {})) {
    const text = texts.find((each) => typeof each === 'string');
    if (text !== undefined) put(told, selector, text, thing);
  }
  for (const selector of new Set(same.map(({ confirmed }) => confirmed))) {
    const about = same.filter(({ confirmed }) => confirmed === selector);
    const accepted = about.map((comparison) => acceptedTexts(comparison, view));
    const text = accepted[0]!.find((each) => accepted.every((others) => others.includes(each)));
    if (text !== undefined && text !== '') put(told, selector, text, thing);
  }
  return told;
}

/** The answer as the gateway sends it, which may be a list. */
export function asSent(told: JsonObject, { at = '', find }: Pick<ConfirmCase, 'at' | 'find'>): Json {
  return find !== undefined && at === '' ? Object.values(told) : told;
}

function acceptedTexts({ claimed, values }: ComparisonOptions, view: RequestView): string[] {
  const text = compileSelector(parseSelector(claimed, askedSelectors))(view);
  return text === undefined ? [] : (values[text] ?? [text]);
}

interface Thing {
  at: string[];
  isListed: boolean;
}

/** Sets a value of an answer. `null` removes it. */
export function put(answer: JsonObject, selector: string, value: Json, { at, isListed }: Thing): void {
  const { kind, name } = parseSelector(selector, ['json', 'item']);
  const parts = [...(kind === 'item' ? [...at, ...(isListed ? ['0'] : [])] : []), ...parsePointer(name)];
  let found = answer;
  parts.forEach((part, index) => {
    const isLast = index === parts.length - 1;
    const list = isListed && kind === 'item' && index === at.length - 1;
    found[part] = isLast ? value : (found[part] ?? (list ? ([{}] as Json) : {}));
    if (!isLast) found = found[part] as JsonObject;
  });
}
