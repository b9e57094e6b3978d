import { z } from 'zod';
import { suggest } from '../../language/closest.ts';
import { currencyExponent } from '../../language/operators/money.ts';
import { canonicalPaymentTypes } from '../../language/event.ts';
import { answerSchema } from './answer.ts';
import { confirmSchema, fetchSchema, listSchema } from './ask/ask-schema.ts';
import { alternativesSchema, eventSelectors } from './event-value.ts';
import { handshakeSchema } from './handshake.ts';
import { instantFormats, zoneSchema } from './instant.ts';
import { matchSchema } from './match.ts';
import { networkSchema } from '../../http/networks.ts';
import { selectorSchema } from './selector.ts';
import { bodySchema } from './read-body.ts';
import { redactionPattern } from './json-pointer.ts';
import { schemeSchema } from './schemes/schemes.ts';

const canonicalType = z.string().superRefine((type, context) => {
  const known: readonly string[] = canonicalPaymentTypes;
  if (known.includes(type) || /^(?:subscription|payout)\.[a-z_]+$/.test(type)) return;
  const hint = suggest(type, known, `Known are ${known.join(', ')}, subscription.* and payout.*`);
  context.addIssue({ code: 'custom', message: `"${type}" is not a canonical type. ${hint}` });
});

const itemsPattern = /^(?:\/(?:[^/~*]|~[01])+)*\/\*(?:\/(?:[^/~*]|~[01])+)*$/;
const itemsSchema = z.string().regex(itemsPattern, 'expected a pointer with one * for the list: /events/*');

const eventSchema = z.strictObject({
  items: z
    .union([itemsSchema, z.array(z.union([z.literal(''), itemsSchema])).min(1)])
    .optional()
    .describe(
      'Where a batch holds its events: /events/*. Selectors item:/pointer read from each of them. A list names several places; an empty pointer stands for the body itself.',
    ),
  id: alternativesSchema.describe(
    'The same on every redelivery, and different for any two events. Composites are written a + b. Without any of them, the hash of the body is the id.',
  ),
  type: alternativesSchema.describe('The gateway’s own name for the event.'),
  occurredAt: z
    .strictObject({ from: alternativesSchema, format: z.enum(instantFormats), zone: zoneSchema.optional() })
    .optional()
    .describe('When the event happened. Default: when it arrived.'),
  entity: alternativesSchema.optional().describe('The thing that the event is about. It is the default ordering key.'),
  tenant: alternativesSchema.optional().describe('The merchant’s account.'),
});

const typeSchema = z.strictObject({
  match: matchSchema,
  type: canonicalType.nullable().describe('The canonical type. null keeps the gateway’s own.'),
});

const paymentSchema = z.strictObject({
  match: matchSchema.optional().describe('The events that this mapping is for. Default: all.'),
  id: alternativesSchema.optional(),
  orderId: alternativesSchema.optional().describe('The merchant’s own reference.'),
  amount: z
    .strictObject({
      from: alternativesSchema,
      unit: z.enum(['minor', 'major']).describe('minor: 2500000 is Rp 25,000.00. major: 25000 or "25000.00" is.'),
      exponents: z
        .record(z.string(), z.int().min(0).max(4))
        .superRefine((exponents, context) => {
          for (const code of Object.keys(exponents).filter((each) => currencyExponent(each) === undefined)) {
            context.addIssue({ code: 'custom', path: [code], message: `"${code}" is not a currency of ISO 4217` });
          }
        })
        .optional()
        .describe('The digits of minor units that differ from ISO 4217.'),
    })
    .optional(),
  currency: alternativesSchema.optional().describe('ISO 4217. Write | upper if the gateway uses lower case.'),
  method: alternativesSchema.optional(),
  customer: z
    .strictObject({
      id: alternativesSchema.optional(),
      email: alternativesSchema.optional(),
      name: alternativesSchema.optional(),
    })
    .optional(),
});
export type PaymentMapping = z.output<typeof paymentSchema>;

const verifySchema = z
  .strictObject({
    any: z.array(schemeSchema).min(1).optional().describe('One of these must accept the request.'),
    all: z.array(schemeSchema).min(1).optional().describe('All of these must accept the request.'),
    requires: z
      .array(selectorSchema(eventSelectors))
      .default([])
      .describe('Texts that every genuine request has, signed or not: header:x-shopify-topic.'),
    exclusive: z
      .array(z.array(selectorSchema(eventSelectors)).min(1))
      .min(2)
      .optional()
      .describe(
        'Groups of selectors for the same texts, such as the headers of two brands. A request may have texts of one group only, or the same texts in each.',
      ),
  })
  .refine(({ any, all }) => (any === undefined) !== (all === undefined), 'expected either "any" or "all"');

const settingSchema = z.strictObject({
  about: z.string().min(1).describe('What the setting is, and where the gateway shows it.'),
  optional: z.boolean().default(false),
  sample: z.string().min(1).describe('An invented value in the usual form, for samples and tests.'),
});

const setupSchema = z
  .strictObject({
    where: z.string().min(1).describe('The dashboard page: Developers → Webhooks.'),
    steps: z.array(z.string().min(1)).min(1).describe('What to do there. {url} is the address to paste.'),
    secret: z.string().min(1).describe('The name of the secret, and where it is shown.'),
  })
  .describe('Instructions that `kait sources add` prints.');

const addressesSchema = z
  .strictObject({
    live: z.array(networkSchema).default([]),
    sandbox: z.array(networkSchema).default([]),
    docs: z.url().optional().describe('The page where the gateway publishes them.'),
  })
  .refine(({ live, sandbox, docs }) => live.length + sandbox.length > 0 || docs !== undefined, 'expected addresses')
  .describe('The addresses that the gateway documents for its requests.');

/**
 * How one gateway signs its webhooks and what is where in them: all that Kait knows about a gateway. A file of
 * `definitions/gateways`, whose name is the gateway's name.
 */
export const presetSchema = z
  .strictObject({
    $schema: z.string().optional(),
    title: z.string().min(1),
    docs: z.array(z.url()).optional().describe('The gateway’s own documentation of this.'),
    setup: setupSchema,
    settings: z
      .record(z.string().regex(/^[a-z][A-Za-z0-9]*$/, 'expected a name such as webhookId'), settingSchema)
      .default({})
      .describe(
        'What a source must state besides its secrets, for selectors cfg:name. publicUrl is the source’s address.',
      ),
    verify: verifySchema,
    body: bodySchema,
    event: eventSchema,
    types: z.array(typeSchema).optional().describe('Canonical types. The first match counts.'),
    payments: z.array(paymentSchema).optional().describe('How to read the payment. The first match counts.'),
    acknowledge: answerSchema(200, 299, 200)
      .prefault({})
      .describe('The answer once the event is stored. The first match counts.'),
    acknowledgeWithinMs: z
      .int()
      .min(1_000)
      .max(60_000)
      .default(10_000)
      .describe(
        'How long the gateway waits for the answer. Kait answers 503 before that, so that the gateway sends the webhook again.',
      ),
    reject: answerSchema(400, 499, 401)
      .prefault({})
      .describe('The answer if the request is rejected. The first match counts.'),
    handshakes: z.array(handshakeSchema).default([]),
    apiKeyIsSecret: z
      .boolean()
      .default(false)
      .describe('Whether the webhook secret is also the API key, so that a source needs no other.'),
    confirm: confirmSchema.optional(),
    fetch: fetchSchema.optional(),
    list: listSchema.optional(),
    redact: z
      .array(z.string().regex(redactionPattern, 'expected a pointer such as /data/client_secret or /**/card'))
      .default([])
      .describe('What is removed from event.data. * matches any one name, ** any path. Pointers begin at the event.'),
    unsigned: z.array(z.string()).default([]).describe('What the signature does not cover, for people.'),
    retries: z.string().optional().describe('How often and how long the gateway retries, for people.'),
    addresses: addressesSchema.optional(),
    sampleSecret: z
      .string()
      .min(6)
      .nullable()
      .describe('An invented secret in the usual form, for samples and tests. null: only the gateway can sign.'),
  })
  .refine(believesNothingUnsigned, {
    path: ['verify'],
    message: 'nothing is signed, so Kait must ask the gateway: expected "fetch" without "match"',
  })
  .superRefine(checkSettings);
export type Preset = z.output<typeof presetSchema>;

/** If a scheme that verifies nothing were enough, anybody who knows a source's address could say anything. */
function believesNothingUnsigned({
  verify,
  fetch,
}: {
  verify: z.output<typeof verifySchema>;
  fetch?: { match?: unknown } | undefined;
}): boolean {
  const { any = [], all = [] } = verify;
  const verifies = ({ scheme }: { scheme: string }) => scheme !== 'none';
  return (
    (fetch !== undefined && fetch.match === undefined) ||
    (any.every(verifies) && (all.length === 0 || all.some(verifies)))
  );
}

/** Settings that every source has. */
const commonSettings = ['publicUrl', 'publicPath', 'toleranceSeconds'];

/** A selector `cfg:name` without a setting would always be empty, and so reject every request. */
function checkSettings(preset: { settings: Record<string, unknown> }, context: z.RefinementCtx): void {
  const known = [...Object.keys(preset.settings), ...commonSettings];
  const visit = (value: unknown, path: (string | number)[]): void => {
    if (typeof value === 'string') {
      for (const [, name = ''] of value.matchAll(/\bcfg:([A-Za-z0-9]+)/g)) {
        if (known.includes(name)) continue;
        const hint = suggest(name, known, 'Declare it in `settings`.');
        context.addIssue({ code: 'custom', path, message: `unknown setting "${name}". ${hint}` });
      }
    } else if (value !== null && typeof value === 'object') {
      for (const [key, member] of Object.entries(value))
        visit(member, [...path, Array.isArray(value) ? Number(key) : key]);
    }
  };
  visit(preset, []);
}
