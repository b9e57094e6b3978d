import { z } from 'zod';
import { closest } from '../../language/closest.ts';
import { currencyExponent } from '../../language/currency.ts';
import { canonicalPaymentTypes } from '../../language/event.ts';
import { eventPlaces } from './alternatives.ts';
import { instantFormats, zoneSchema } from './instant.ts';
import { alternativesSchema, placeSchema } from './place-schema.ts';
import { redactionPattern } from './redact.ts';
import { schemeSchema } from './schemes/schemes.ts';

const matchSchema = z
  .record(placeSchema(eventPlaces), z.array(z.union([z.string(), z.null()])).min(1))
  .describe('Places and the texts that each may have; null is an absent one. All of the places must match.');
export type Match = z.output<typeof matchSchema>;

const canonicalType = z.string().superRefine((type, context) => {
  const known: readonly string[] = canonicalPaymentTypes;
  if (known.includes(type) || /^(?:subscription|payout)\.[a-z_]+$/.test(type)) return;
  const near = closest(type, known);
  const hint =
    near === undefined ? `Known are ${known.join(', ')}, subscription.* and payout.*` : `Did you mean "${near}"?`;
  context.addIssue({ code: 'custom', message: `"${type}" is not a canonical type. ${hint}` });
});

const itemsPattern = /^(?:\/(?:[^/~*]|~[01])+)*\/\*(?:\/(?:[^/~*]|~[01])+)*$/;

const eventSchema = z.strictObject({
  items: z
    .string()
    .regex(itemsPattern, 'expected a pointer with one * for the list: /events/*')
    .optional()
    .describe('Where a batch has its events: /events/*. Places item:/pointer are looked up in each of them.'),
  id: alternativesSchema.describe(
    'The same on every redelivery, and never the same for two events. Composites are written a + b. When none is there, the hash of the body is the id.',
  ),
  type: alternativesSchema.describe('The gateway’s own name of the event.'),
  occurredAt: z
    .strictObject({ from: alternativesSchema, format: z.enum(instantFormats), zone: zoneSchema.optional() })
    .optional()
    .describe('When it happened. Default: when it arrived.'),
  entity: alternativesSchema.optional().describe('What the event is about; the default ordering key.'),
  tenant: alternativesSchema.optional().describe('The account of the merchant.'),
});

const typeSchema = z.strictObject({
  match: matchSchema,
  type: canonicalType.nullable().describe('The canonical type; null leaves the gateway’s own.'),
});

const paymentSchema = z.strictObject({
  match: matchSchema.optional().describe('Which events this mapping is for. Default: all.'),
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
        .describe('Currencies whose minor unit the gateway counts otherwise than ISO 4217.'),
    })
    .optional(),
  currency: alternativesSchema.optional().describe('ISO 4217; write | upper where the gateway uses lower case.'),
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
    any: z.array(schemeSchema).min(1).optional().describe('One of these must hold.'),
    all: z.array(schemeSchema).min(1).optional().describe('All of these must hold.'),
  })
  .refine(({ any, all }) => (any === undefined) !== (all === undefined), 'expected either "any" or "all"');

/**
 * How one gateway signs its webhooks and what is where in them: all that Kait knows about a gateway. A file of
 * `definitions/gateways`, whose name is the gateway's name.
 */
export const presetSchema = z.strictObject({
  $schema: z.string().optional(),
  title: z.string().min(1),
  docs: z.array(z.url()).optional().describe('Where the gateway documents what stands here.'),
  verify: verifySchema,
  event: eventSchema,
  types: z.array(typeSchema).optional().describe('Canonical types. The first match counts.'),
  payments: z.array(paymentSchema).optional().describe('Where the payment is. The first match counts.'),
  acknowledge: z
    .strictObject({
      status: z.int().min(200).max(299).default(200),
      body: z.string().default(''),
      contentType: z.string().min(1).default('text/plain; charset=utf-8'),
    })
    .prefault({})
    .describe('What the gateway wants to hear when the event is stored.'),
  refuse: z
    .strictObject({ status: z.int().min(400).max(499).default(401) })
    .prefault({})
    .describe('What the gateway hears when the signature is wrong.'),
  redact: z
    .array(z.string().regex(redactionPattern, 'expected a pointer such as /data/client_secret or /**/card'))
    .default([])
    .describe(
      'What is left out of event.data: * stands for any one name, ** for any path. Pointers begin at the event.',
    ),
  unsigned: z.array(z.string()).default([]).describe('What the signature does not cover. For the reader.'),
  sampleSecret: z.string().min(8).describe('An invented secret of the usual form, for samples and tests.'),
});
export type Preset = z.output<typeof presetSchema>;
