import { z } from 'zod';
import { instantFormats, parseInstant } from './instant.ts';
import { compileSelector, parseSelector, type SelectorKind, selectorSchema } from './selector.ts';
import { rejected, verified, type Verification } from './schemes/scheme.ts';
import type { RequestView } from './request-view.ts';

const timestampSelectors: readonly SelectorKind[] = ['sig', 'header', 'json', 'form'];

export const timestampSchema = z
  .strictObject({
    from: selectorSchema(timestampSelectors).describe('The selector of the time, which must be signed.'),
    format: z.enum(instantFormats).exclude(['local']),
    toleranceSeconds: z
      .int()
      .min(1)
      .max(86_400)
      .describe(
        'Greatest age, unless the source sets another. Only for gateways that sign each retry again: the retries of others would be rejected.',
      ),
    future: z
      .boolean()
      .default(false)
      .describe(
        'Whether to accept a time ahead of the clock by more than the tolerance, as the gateway’s own library does.',
      ),
  })
  .describe('Rejects requests that were signed too long ago, so that an intercepted request cannot be replayed later.');
export type TimestampOptions = z.output<typeof timestampSchema>;

/** Judges the age of a request whose signature is right. `nowMs` null: it is not judged. */
export type CheckFreshness = (view: RequestView, nowMs: number | null) => Verification;

export function compileFreshness(options: TimestampOptions | undefined): CheckFreshness {
  if (options === undefined) return () => verified;
  const read = compileSelector(parseSelector(options.from, timestampSelectors));
  return (view, nowMs) => {
    const signedAtMs = parseInstant(read(view) ?? '', options.format);
    return signedAtMs === undefined ? rejected('malformed-timestamp') : judgeAge(signedAtMs, options, view, nowMs);
  };
}

/** The source's own tolerance counts before the preset's. */
export function judgeAge(
  signedAtMs: number,
  { toleranceSeconds, future }: Pick<TimestampOptions, 'toleranceSeconds' | 'future'>,
  { settings }: RequestView,
  nowMs: number | null,
): Verification {
  const toleranceMs = Number(settings.toleranceSeconds ?? toleranceSeconds) * 1000;
  if (nowMs === null) return verified;
  if (nowMs - signedAtMs > toleranceMs) return rejected('stale-timestamp');
  if (!future && signedAtMs - nowMs > toleranceMs) return rejected('future-timestamp');
  return verified;
}
