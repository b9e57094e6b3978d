import { z } from 'zod';
import { suggest } from '../../language/closest.ts';
import { canonicalPaymentTypes } from '../../language/event.ts';
import { parseDuration } from '../../language/time.ts';
import { amountsSchema } from './amount.ts';
import { answerSchema } from './answer.ts';
import { idProblems, type IdDeclarations } from './check-ids.ts';
import { checkInto } from './ask/check-into.ts';
import { confirmSchema, fetchSchema, listSchema } from './ask/ask-schema.ts';
import { alternativesSchema, alternativeSchema, eventSelectors, parseComposite } from './event-value.ts';
import { handshakeSchema } from './handshake.ts';
import { createRulesSchema, mappingsSchema } from './mapping-schema.ts';
import { matchSchema } from './match.ts';
import { occurrenceSchema } from './occurrence.ts';
import { networkSchema } from '../../http/networks.ts';
import { checkedText, selectorSchema } from './selector.ts';
import { bodySchema } from './read-body.ts';
import { redactionPattern } from './json-pointer.ts';
import { schemeSchema } from './schemes/schemes.ts';

const canonicalType = z.string().superRefine((type, context) => {
  const known: readonly string[] = canonicalPaymentTypes;
  if (known.includes(type) || /^(?:subscription|payout)\.[a-z_]+$/.test(type)) return;
  const hint = suggest(type, known, `Known are ${known.join(', ')}, subscription.* and payout.*`);
  context.addIssue({ code: 'custom', message: `"${type}" is not a canonical type. ${hint}` });
});

const compositeSchema = checkedText(parseComposite);

const durationSchema = z.string().refine((text) => isDuration(text, '1s', '5m'), 'expected a duration from 1s to 5m');

const itemsPattern = /^(?:\/(?:[^/~*]|~[01])+)*\/\*(?:\/(?:[^/~*]|~[01])+)*$/;
const itemsSchema = z.string().regex(itemsPattern, 'expected a pointer with one * for the list: /events/*');

const eventSchema = z.strictObject({
  items: z
    .union([itemsSchema, z.array(z.union([z.literal(''), itemsSchema])).min(1)])
    .optional()
    .describe(
      'Where a batch holds its events: /events/*. Selectors item:/pointer read from each of them. A list names several places; an empty pointer stands for the body itself, unless a place before it has events.',
    ),
  id: compositeSchema.describe(
    'What the fact is, never how it was told: "json:/id + json:/status". Each part is signed, compared by every case of confirm, or fetched, and present whenever the state is. Entries of `types` may have ids of their own.',
  ),
  unsignedId: z
    .string()
    .min(1)
    .optional()
    .describe('Why the id may contain what nobody can verify, for people: nothing is signed, and nobody can be asked.'),
  type: alternativesSchema.describe('The gateway’s own name for the event.'),
  occurredAt: occurrenceSchema.optional().describe('When the event happened. Default: when it arrived.'),
  live: createRulesSchema(z.boolean())
    .optional()
    .describe('Whether real money is concerned; false for test events. Default: the gateway does not say.'),
  entity: z
    .array(z.union([alternativeSchema, z.strictObject({ match: matchSchema, from: alternativesSchema })]))
    .min(1)
    .optional()
    .describe(
      'The thing that the event is about. It is the default ordering key. An alternative with a match is for these events only.',
    ),
  tenant: alternativesSchema.optional().describe('The merchant’s account.'),
});

const typeSchema = z.strictObject({
  match: matchSchema,
  type: canonicalType.nullable().describe('The canonical type. null keeps the gateway’s own.'),
  id: compositeSchema.optional().describe('The id of these events. Default: that of `event`.'),
  native: z
    .string()
    .min(1)
    .max(128)
    .optional()
    .describe('The native type, if the body names none: virtual_account.paid. Default: that of `event`.'),
  hold: durationSchema
    .optional()
    .describe(
      'How long such an event waits, because another webhook may tell the same fact with more details and then takes its place: 20s.',
    ),
});

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

const mappingSchema = z
  .strictObject({
    read: z
      .string()
      .regex(/^\d{4}-\d\d$/, 'expected a month such as 2026-11')
      .describe('When it was read.'),
    from: z.array(z.url()).min(1).describe('The gateway’s lists of event types and its descriptions of payloads.'),
    types: z
      .record(z.string().min(1), z.string().min(1))
      .describe('What became of each native type: a canonical type, or why it stays native, in a few words.'),
  })
  .describe('What was read to write this preset, for people.');

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
    amounts: amountsSchema.optional(),
    ...mappingsSchema.shape,
    mapping: mappingSchema.optional(),
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
    message: 'nothing is signed, so Kait must ask the gateway: expected "fetch" without "match" and "into"',
  })
  .refine(({ confirm, fetch }) => confirm === undefined || fetch === undefined || fetch.into !== undefined, {
    path: ['confirm'],
    message: 'what is fetched is the gateway’s own word: expected either "confirm" or "fetch", or "fetch" with "into"',
  })
  .superRefine(checkInto)
  .superRefine(checkSettings)
  .superRefine(checkIds);
export type Preset = z.output<typeof presetSchema>;

/** If a scheme that verifies nothing were enough, anybody who knows a source's address could say anything. */
function believesNothingUnsigned({
  verify,
  fetch,
}: {
  verify: z.output<typeof verifySchema>;
  fetch?: { match?: unknown; into?: unknown } | undefined;
}): boolean {
  const { any = [], all = [] } = verify;
  const verifies = ({ scheme }: { scheme: string }) => scheme !== 'none';
  return (
    (fetch !== undefined && fetch.match === undefined && fetch.into === undefined) ||
    (any.every(verifies) && (all.length === 0 || all.some(verifies)))
  );
}

function isDuration(text: string, shortest: string, longest: string): boolean {
  try {
    const ms = parseDuration(text);
    return ms >= parseDuration(shortest) && ms <= parseDuration(longest);
  } catch {
    return false;
  }
}

function checkIds(preset: IdDeclarations, context: z.RefinementCtx): void {
  for (const problem of idProblems(preset)) context.addIssue({ code: 'custom', ...problem });
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
