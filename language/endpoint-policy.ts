import { z } from 'zod';
import { evaluationLimits } from './budget.ts';
import { isHeaderOfConnection } from '../header-names.ts';
import { isDeeper } from './is-deeper.ts';
import { parseDuration } from './time.ts';

/*
 * How an endpoint wants its webhooks: what the API accepts, and what is stored. All of it is optional; `settledPolicy` has the defaults.
 */

const durationFrom = (least: string, most: string) =>
  z
    .string()
    .refine((text) => isDurationWithin(text, parseDuration(least), parseDuration(most)))
    .describe(`a duration from ${least} to ${most}, such as ${least}`);

const longestTimeLimit = '30s';
/** No policy lets a request take longer. */
export const longestTimeLimitMs = parseDuration(longestTimeLimit);
const timeLimit = durationFrom('1s', longestTimeLimit);
const schedule = z
  .array(durationFrom('0s', '7d'))
  .min(1)
  .max(20)
  .describe('1 to 20 durations of at most 7d: the pause before each attempt');
const rate = z
  .number()
  .min(0.01)
  .max(1_000)
  .describe('the most requests per second, from 0.01 (one in 100 seconds) to 1000');
const concurrency = z.int().min(1).max(100).describe('the most requests at once, from 1 to 100');
const ordering = z
  .union([
    z.literal('none'),
    z.strictObject({
      fifo: z
        .string()
        .min(1)
        .max(200)
        .regex(/^(?:data|type)(?:\.[\w-]{1,64}){0,10}$|^all$/)
        .describe('`all`, or the path of the value whose messages stay in order, such as data.orderId'),
    }),
  ])
  .describe('"none", or {"fifo": "data.orderId"} for one after the other');
/** Of a header that a person may set. */
export const headerName = z
  .string()
  .max(100)
  .regex(/^[\w!#$%&'*+.^`|~-]+$/)
  .refine((name) => !isHeaderOfConnection(name) && !ownHeaders.has(name.toLowerCase()))
  .describe('the name of a header that neither HTTP nor Kait sets itself');
const signature = z
  .union([
    z.strictObject({
      standard: z
        .array(z.enum(['v1', 'v1a']))
        .min(1)
        .max(2)
        .refine((versions) => new Set(versions).size === versions.length),
    }),
    z.strictObject({
      hmac: z.strictObject({
        header: headerName,
        algorithm: z.enum(['sha1', 'sha256', 'sha512']).optional(),
        encoding: z.enum(['hex', 'base64']).optional(),
        prefix: z
          .string()
          .max(20)
          .regex(/^[\x21-\x7e]*$/)
          .optional(),
        /** Null: only the body is signed. */
        timestampHeader: headerName.nullable().optional(),
        /** Timestamp and signatures in one header, as `t=1614265330,v1=…`. */
        inOne: z.boolean().optional(),
      }),
    }),
  ])
  .describe(
    '{"standard": ["v1"]}, ["v1a"] or both; or {"hmac": {"header": "x-signature", …}} for receivers that cannot verify these',
  );
const permanent = z
  .array(z.int().min(400).max(499))
  .max(20)
  .describe('statuses from 400 to 499 after which no further attempt is made');
const mostLogic = 20_000;
const filter = z
  .record(z.string(), z.unknown())
  .refine(isBounded)
  .describe(
    `a condition such as {"==": [{"var": "data.country"}, "ID"]}, or {"jsonlogic": {"rule": …, "data": …}}, of at most ${mostLogic} characters`,
  );
const transform = z
  .strictObject({
    body: z.unknown().refine((value) => value !== undefined && isBounded(value)),
    contentType: z
      .string()
      .max(200)
      .regex(/^[\w.+-]+\/[\w.+-]+(?: *; *[\w-]+=[\w.+-]+)*$/)
      .optional(),
  })
  .describe(`{"body": a template, "contentType": "text/plain"} of at most ${mostLogic} characters`);
const disableAfter = z
  .union([z.literal('never'), durationFrom('1h', '365d')])
  .describe('"never", or the time of failures only after which the endpoint is disabled, such as 5d');

/** Headers that Kait sets: of its own, and of Standard Webhooks. */
const ownHeaders = new Set([
  ...['content-type', 'user-agent'],
  ...['webhook-id', 'webhook-timestamp', 'webhook-signature', 'kait-callback-url'],
]);

/** Each field is one part of the policy; absent ones have their defaults. */
export const policyFields = {
  filter: filter.optional(),
  transform: transform.optional(),
  timeLimit: timeLimit.optional(),
  schedule: schedule.optional(),
  rate: rate.optional(),
  concurrency: concurrency.optional(),
  ordering: ordering.optional(),
  signature: signature.optional(),
  permanent: permanent.optional(),
  disableAfter: disableAfter.optional(),
};

/** As it is stored. */
export type EndpointPolicy = z.infer<z.ZodObject<typeof policyFields>>;

/** With everything that was not said. */
export interface SettledPolicy {
  timeoutMs: number;
  /** The pause before each attempt. */
  scheduleMs: readonly number[];
  /** Null: no limit. */
  ratePerSecond: number | null;
  concurrency: number;
  /** The path whose value orders messages; null: they go out in any order. */
  fifo: string | null;
  signature: NonNullable<EndpointPolicy['signature']>;
  permanentStatuses: readonly number[];
  /** Null: never. */
  disableAfterMs: number | null;
}

/** Requests at once to an endpoint whose policy says nothing. */
export const defaultConcurrency = 10;
const defaults = { timeLimit: '15s', disableAfter: '5d' };

/** The policy with the defaults for all that it leaves open. `scheduleMs` is that of the installation. */
export function settledPolicy(
  policy: EndpointPolicy,
  { scheduleMs }: { scheduleMs: readonly number[] },
): SettledPolicy {
  const { disableAfter = defaults.disableAfter, ordering = 'none' } = policy;
  return {
    timeoutMs: parseDuration(policy.timeLimit ?? defaults.timeLimit),
    scheduleMs: policy.schedule?.map(parseDuration) ?? scheduleMs,
    ratePerSecond: policy.rate ?? null,
    concurrency: policy.concurrency ?? defaultConcurrency,
    fifo: ordering === 'none' ? null : ordering.fifo,
    signature: policy.signature ?? { standard: ['v1'] },
    permanentStatuses: policy.permanent ?? [],
    disableAfterMs: disableAfter === 'never' ? null : parseDuration(disableAfter),
  };
}

/** Whether JSON is neither too long nor nested too deeply to be evaluated. */
function isBounded(value: unknown): boolean {
  return !isDeeper(value, evaluationLimits.depth) && JSON.stringify(value).length <= mostLogic;
}

function isDurationWithin(text: string, leastMs: number, mostMs: number): boolean {
  try {
    const durationMs = parseDuration(text);
    return durationMs >= leastMs && durationMs <= mostMs;
  } catch {
    return false;
  }
}
