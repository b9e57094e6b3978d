import { z } from 'zod';
import { instantFormats, zoneSchema } from '../instant.ts';
import { createMatchSchema, matchSchema } from '../match.ts';
import { checkedText, selectorSchema } from '../selector.ts';
import { pointerPattern } from '../json-pointer.ts';
import { askedSelectors, compileAskText } from './ask-text.ts';
import { compileUrl } from './compile-url.ts';

const textSchema = checkedText(compileAskText).describe(
  'Selectors in braces: of the event, such as {json:/order_id}, and {api}, {key}, {basic}, {token}, {body}, {signed:name}, {now:unix}.',
);

const pointer = z.string().regex(pointerPattern, 'expected a JSON pointer such as /data');

const apiUrl = z.url({ protocol: /^https$/, error: 'expected an address such as https://api.example.com' });
const apiSchema = z
  .strictObject({ live: apiUrl.optional(), sandbox: apiUrl.optional() })
  .describe(
    'The address of the gateway’s API by environment, {api}. Left out if each merchant has its own; the source’s apiUrl comes first.',
  );

export type ApiOptions = z.output<typeof apiSchema>;

const headersSchema = z.record(
  z.string().regex(/^[\w!#$%&'*+.^`|~-]{1,64}$/, 'expected the name of a header'),
  textSchema,
);

const requestSchema = z
  .strictObject({
    method: z.enum(['GET', 'POST']).default('GET'),
    url: checkedText(compileUrl).describe(
      'Begins with {api}, or with https and a fixed host. Values are encoded and cannot leave their part of the path.',
    ),
    headers: headersSchema.default({}),
    form: z.record(z.string().min(1), textSchema).optional().describe('The body as a form.'),
    json: z.json().optional().describe('The body as JSON. Selectors in braces are filled in.'),
  })
  .refine(({ form, json }) => form === undefined || json === undefined, 'expected either "form" or "json"')
  .refine(
    ({ method, form, json }) => method === 'POST' || (form ?? json) === undefined,
    'a GET request cannot have a body',
  );
export type RequestOptions = z.output<typeof requestSchema>;

const signatureSchema = z
  .strictObject({
    algorithm: z.enum(['md5', 'sha256', 'sha512', 'hmac-sha256', 'hmac-sha512']),
    text: textSchema,
    key: textSchema.optional().describe('The key of an HMAC. Default: {key}.'),
    encoding: z.enum(['hex', 'base64']).default('hex'),
  })
  .describe('A digest, {signed:name}. Its text may contain the digests above it.');
export type SignatureOptions = z.output<typeof signatureSchema>;

const signSchema = z.record(z.string().regex(/^[a-z][A-Za-z0-9]*$/, 'expected a name such as md5'), signatureSchema);

const answerMatchSchema = createMatchSchema(['json', 'item']);

const answerSchema = z
  .strictObject({
    found: answerMatchSchema
      .optional()
      .describe('Answers that tell about the thing: { "json:/status": ["success"] }. Default: all that are JSON.'),
    absent: answerMatchSchema
      .optional()
      .describe(
        'Answers that say there is no such thing: { "json:/status_code": ["404"] }. HTTP 404 and 410 always do.',
      ),
  })
  .describe(
    'How to tell an answer from an error, which gateways also send with HTTP 200. Everything else is asked again. Selectors item: read from what "at" names.',
  );
export type AnswerOptions = z.output<typeof answerSchema>;

const questionFields = {
  answer: answerSchema.optional(),
  sign: signSchema.default({}),
  request: requestSchema,
  token: z
    .strictObject({
      request: requestSchema,
      at: selectorSchema(['json']).describe('The selector of the token in the answer: json:/access_token.'),
      expiresIn: selectorSchema(['json'])
        .optional()
        .describe('The selector of its lifetime in seconds. Default: one request.'),
    })
    .optional()
    .describe('A request that is sent first and gives {token}.'),
};
/** What a question consists of, wherever it is declared. */
export type QuestionOptions = z.output<z.ZodObject<typeof questionFields>>;

const comparisonSchema = z.strictObject({
  claimed: selectorSchema(askedSelectors).describe('In the event: json:/transaction_status.'),
  confirmed: selectorSchema(['json', 'item']).describe('In the answer. Selectors item: read from what "at" names.'),
  values: z
    .record(z.string(), z.array(z.string()).min(1))
    .default({})
    .describe('The gateway’s values that agree with each value of the event. Default: the same value.'),
  as: z
    .enum(['text', 'number', 'atMost'])
    .default('text')
    .describe(
      'number: 10.00 equals 10, and an answer without it if `confirmed` has `| opt`. atMost: a running total, which may have grown since the event.',
    ),
});
export type ComparisonOptions = z.output<typeof comparisonSchema>;

const caseSchema = z
  .strictObject({
    match: matchSchema.optional().describe('The events that this is for. Default: all.'),
    skip: z.string().min(1).optional().describe('Why these events need no question.'),
    ...questionFields,
    request: requestSchema.optional(),
    at: z
      .string()
      .regex(pointerPattern, 'expected a JSON pointer')
      .optional()
      .describe('Where the thing is in the answer: /data. A part * stands for the only member.'),
    find: z
      .strictObject({
        claimed: selectorSchema(askedSelectors).describe('In the event: json:/id.'),
        confirmed: selectorSchema(['item']).describe('In each member of the list: item:/id.'),
        whole: answerMatchSchema
          .optional()
          .describe('When the answer has the whole list: { "json:/total_page": ["1"] }. Default: always.'),
      })
      .optional()
      .describe('If "at" is a list: how to find the thing in it. Default: the list itself is the thing.'),
    same: z.array(comparisonSchema).min(1).optional().describe('Values that must agree in the event and the answer.'),
  })
  .refine(
    ({ skip, request, same }) =>
      skip === undefined ? request !== undefined && same !== undefined : request === undefined,
    'expected "request" and "same", or "skip" with the reason why nothing is asked',
  )
  .superRefine(checkFilledIn);
export type ConfirmCase = z.output<typeof caseSchema>;

/** The preset's member `confirm`. */
export const confirmSchema = z
  .strictObject({
    level: z.enum(['required', 'recommended']),
    why: z.string().min(1).describe('What the signature leaves open, for people.'),
    api: apiSchema,
    cases: z.array(caseSchema).min(1).describe('The first match counts. An event without a match is not confirmed.'),
  })
  .describe(
    'How to ask the gateway whether an event is true. With `confirm` in the source, this is the first step of each run.',
  );
export type ConfirmOptions = z.output<typeof confirmSchema>;

const fetchFields = {
  ...questionFields,
  request: requestSchema.optional(),
  at: pointer
    .default('')
    .describe('Where the thing is in the answer: /data/0. A part * stands for the only member. Default: all of it.'),
};

const fetchCaseSchema = z
  .strictObject({
    // Only what is stored with the webhook: the question is asked later.
    match: createMatchSchema(['json', 'item', 'form', 'cfg', 'text'])
      .optional()
      .describe('The webhooks that this is for. Default: all.'),
    skip: z
      .string()
      .min(1)
      .optional()
      .describe('Why nothing is asked about these webhooks. Notices among them are ignored.'),
    ...fetchFields,
  })
  .refine(
    ({ skip, request }) => (skip === undefined) !== (request === undefined),
    'expected either "request" or "skip"',
  )
  .superRefine(checkFilledIn);
export type FetchCase = z.output<typeof fetchCaseSchema>;

/** The preset's member `fetch`. */
export const fetchSchema = z
  .strictObject({
    match: matchSchema
      .optional()
      .describe(
        'The webhooks that Kait asks about. Default: all. Others are no notices: they keep the gateway’s own type and have no payment.',
      ),
    api: apiSchema,
    into: z
      .string()
      .regex(/^\/[a-z][A-Za-z0-9]*$/, 'expected a pointer to a member of the event, such as /fetched')
      .optional()
      .describe(
        'For gateways that sign. The webhook is a genuine event, and the answer is added to it here: it is read as item:/fetched/…. Only for sources with an API key. Without it, webhooks are notices, which Kait does not believe, and the answer is read as the event.',
      ),
    ...fetchFields,
    cases: z
      .array(fetchCaseSchema)
      .min(1)
      .optional()
      .describe(
        'Instead of "request": a question for each kind of webhook. The first match counts; without one, nothing is asked.',
      ),
  })
  .refine(
    ({ cases, request }) => (cases === undefined) !== (request === undefined),
    'expected either "request" or "cases"',
  )
  .superRefine((question, context) => checkFilledIn({ ...question, cases: undefined }, context))
  .describe(
    'What Kait asks the gateway as soon as a webhook is stored, before anything starts. The answer is read as the event, by the same selectors; with "into", as a part of it.',
  );
export type FetchOptions = z.output<typeof fetchSchema>;

const nextSchema = z
  .discriminatedUnion('by', [
    z.strictObject({
      by: z.literal('cursor'),
      parameter: z.string().min(1).describe('The query parameter, such as starting_after.'),
      from: selectorSchema(['json', 'item']).describe('json: in the answer, item: in its last item.'),
      while: matchSchema
        .optional()
        .describe('When there are more pages: { "json:/has_more": ["true"] }. Default: if there is a cursor.'),
    }),
    z.strictObject({
      by: z.literal('url'),
      from: selectorSchema(['json']).describe('The selector of the next page’s address.'),
    }),
    z.strictObject({ by: z.literal('link') }).describe('The Link header (RFC 8288), rel="next".'),
    z.strictObject({
      by: z.literal('page'),
      parameter: z.string().min(1),
      first: z.int().min(0).max(1).default(1),
    }),
  ])
  .describe('How to get the next page. Default: there is only one page.');
export type NextOptions = z.output<typeof nextSchema>;

const listedSchema = z.strictObject({
  kind: z.literal('list'),
  api: apiSchema,
  ...questionFields,
  items: pointer.describe(
    'Where the list is in the answer. Empty if the answer is the list. Without {since:…} it must begin with the newest.',
  ),
  time: z
    .strictObject({
      from: selectorSchema(['item']),
      format: z.enum(instantFormats),
      zone: zoneSchema.optional(),
    })
    .optional()
    .describe('When an item happened, if its event does not tell. Items before the look-back are ignored.'),
  next: nextSchema.optional(),
  each: z
    .strictObject({ request: requestSchema, at: pointer.default('') })
    .optional()
    .describe('A request for each item; the event is at this pointer of its answer. Default: the item is the event.'),
  headers: headersSchema
    .default({})
    .describe('Headers of the webhook, made from the item: { "x-github-event": "{item:/event}" }.'),
});

const openSchema = z.strictObject({
  kind: z.literal('open'),
  api: apiSchema,
  ...questionFields,
  at: pointer.default('').describe('Where the event is in the answer.'),
});

/** The preset's member `list`. */
export const listSchema = z
  .discriminatedUnion('kind', [listedSchema, openSchema])
  .superRefine(checkFilledIn)
  .describe(
    'How to find events that did not arrive. list: the gateway lists its events. open: Kait asks about every payment that is still pending.',
  );
export type ListOptions = z.output<typeof listSchema>;
export type ListedOptions = Extract<ListOptions, { kind: 'list' }>;
export type OpenOptions = Extract<ListOptions, { kind: 'open' }>;

interface Checked {
  /** Checked one by one. */
  cases?: undefined;
  kind?: string;
  token?: unknown;
  sign: Record<string, unknown>;
}

/** A value that nothing fills in would make the question impossible forever. */
function checkFilledIn(question: Checked, context: z.RefinementCtx): void {
  const problems: [name: RegExp, lacks: (name: string) => boolean, why: string][] = [
    [/\{\s*token\b/g, () => question.token === undefined, 'there is no {token} without "token"'],
    [/\{\s*since:/g, () => question.kind !== 'list', 'only a list has {since:…}'],
    [
      /\{\s*signed:([A-Za-z0-9]+)/g,
      (name) => !Object.hasOwn(question.sign, name),
      'there is no such signature in "sign"',
    ],
  ];
  const visit = (value: unknown, path: (string | number)[]): void => {
    if (typeof value === 'string') {
      for (const [pattern, lacks, message] of problems) {
        for (const [, name = ''] of value.matchAll(pattern)) {
          if (lacks(name)) context.addIssue({ code: 'custom', path, message });
        }
      }
    } else if (value !== null && typeof value === 'object') {
      for (const [key, member] of Object.entries(value)) visit(member, [...path, key]);
    }
  };
  visit(question, []);
}
