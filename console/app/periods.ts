import { useMemo } from 'preact/hooks';

const periodsMs = { '1h': 3_600_000, '24h': 86_400_000, '7d': 7 * 86_400_000 } as const;

/** What a filter by time offers. */
export const periods = Object.keys(periodsMs) as (keyof typeof periodsMs)[];

/**
 * When the period of a filter began, or an RFC 3339 time as it is. It stays the same while the filter does: the next page of a list must be asked for with
 * the same time.
 */
export function useSince(chosen: string | undefined): string | undefined {
  return useMemo(() => {
    const period = periods.find((name) => name === chosen);
    return period === undefined ? chosen : new Date(Date.now() - periodsMs[period]).toISOString();
  }, [chosen]);
}
