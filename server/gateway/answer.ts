import { z } from 'zod';
import { isObject, type Json } from '../../language/json.ts';
import { eventSelectors } from './event-value.ts';
import { parsePointer, valueAt } from './json-pointer.ts';
import { compileFirstMatch, matchSchema } from './match.ts';
import type { RequestView } from './request-view.ts';
import { checkedText, compileSelector, parseSelector, type ReadText } from './selector.ts';

/** What the gateway receives. */
export interface Answer {
  status: number;
  body: string;
  contentType: string;
}

export type Answering = (view: RequestView) => Answer;

/** Schema of an answer with a status between `least` and `most`. */
export function answerSchema(least: number, most: number, usual: number) {
  const one = z
    .strictObject({
      match: matchSchema.optional().describe('The requests that get this answer. Default: all.'),
      status: z.int().min(least).max(most).default(usual),
      body: checkedText(compileText).optional().describe('Text. Selectors in braces are filled in: {json:/order_id}.'),
      json: checkedJson
        .optional()
        .describe('JSON. Selectors in braces are filled in, and a lone {json:/…} keeps its type.'),
      contentType: z.string().min(1).optional(),
    })
    .refine(({ body, json }) => body === undefined || json === undefined, 'expected either "body" or "json"');
  return z.union([one, z.array(one).min(1)], { error: 'expected an answer, or a list of them with `match`' });
}

/** Its texts are templates. */
const checkedJson = z.json().superRefine((json, context) => {
  try {
    compileJson(json);
  } catch (error) {
    context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : String(error) });
  }
});

export type AnswerOptions = z.output<ReturnType<typeof answerSchema>>;

/** The first answer that matches. If none does: the usual status without a body. */
export function compileAnswer(options: AnswerOptions, usualStatus: number): Answering {
  const first = compileFirstMatch([options].flat().map((each) => ({ match: each.match, ...compileOne(each) })));
  return (view) => {
    const found = first(view);
    if (found === undefined) return { status: usualStatus, body: '', contentType: plainText };
    return { status: found.status, body: found.render(view), contentType: found.contentType };
  };
}

const plainText = 'text/plain; charset=utf-8';

function compileOne({ status, body = '', json, contentType }: Exclude<AnswerOptions, unknown[]>) {
  if (json === undefined) return { status, contentType: contentType ?? plainText, render: compileText(body) };
  const render = compileJson(json);
  return {
    status,
    contentType: contentType ?? 'application/json; charset=utf-8',
    render: (view: RequestView) => JSON.stringify(render(view)),
  };
}

/**
 * Text with selectors in braces: `{json:/order_id}`. A missing text is left out, because an answer is always sent. Other braces
 * are kept, for JSON. Throws an `Error` that explains what is wrong with the template.
 */
export function compileText(template: string): (view: RequestView) => string {
  const pieces = template.split(/(\{[a-z]+(?::[^{}]*)?(?: \| [a-z0-9]+)*\})/).map((piece, index): ReadText => {
    if (index % 2 === 0) return () => piece;
    return compileSelector(parseSelector(piece.slice(1, -1), eventSelectors));
  });
  return (view) => pieces.map((read) => read(view) ?? '').join('');
}

/** JSON with selectors in its texts. A text that is only `{json:/pointer}` becomes the value itself. */
function compileJson(template: Json): (view: RequestView) => Json {
  if (typeof template === 'string') {
    const pointer = /^\{json:(\/[^{}|]*)\}$/.exec(template)?.[1];
    if (pointer === undefined) return compileText(template);
    const path = parsePointer(pointer);
    return (view) => valueAt(view.body().document, path) ?? null;
  }
  if (Array.isArray(template)) {
    const members = template.map(compileJson);
    return (view) => members.map((member) => member(view));
  }
  if (!isObject(template)) return () => template;
  const members = Object.entries(template).map(([name, member]) => [name, compileJson(member)] as const);
  return (view) => Object.fromEntries(members.map(([name, member]) => [name, member(view)]));
}
