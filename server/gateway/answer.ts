import { z } from 'zod';
import { matchSchema, compileFirstMatch } from './match.ts';
import { checkedText } from './place-schema.ts';
import { compileJson, compileText } from './template.ts';
import type { RequestView } from './request-view.ts';

/** What is sent back. */
export interface Answer {
  status: number;
  body: string;
  contentType: string;
}

export type Answering = (view: RequestView) => Answer;

/** An answer whose status lies between `least` and `most`. */
export function answerSchema(least: number, most: number, usual: number) {
  const one = z
    .strictObject({
      match: matchSchema.optional().describe('Which requests this answer is for. Default: all.'),
      status: z.int().min(least).max(most).default(usual),
      body: checkedText(compileText).optional().describe('Text; places in braces, {json:/order_id}, are filled in.'),
      json: checkedJson
        .optional()
        .describe('JSON; places in braces are filled in, and a lone {json:/…} keeps its type.'),
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

/** The first answer that matches; where none does, the usual status without a body. */
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
