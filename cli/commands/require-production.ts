import type { Config, TemporalConfig } from '../../config.ts';
import { KaitError } from '../../errors.ts';

/**
 * Requires the external services that `kait server` and `kait worker` share: two processes cannot use the embedded database, and each
 * would start its own Temporal. Throws KAIT_PRODUCTION_INCOMPLETE, which names the missing settings.
 */
export function requireProduction(
  { database, temporal }: Config,
  command: string,
): { cluster: Extract<TemporalConfig, { kind: 'cluster' }> } {
  const missing = [
    ...(database.url === null ? ['DATABASE_URL'] : []),
    ...(temporal.kind === 'embedded' ? ['TEMPORAL_ADDRESS'] : []),
  ];
  if (temporal.kind === 'embedded' || missing.length > 0) {
    const message = `"kait ${command}" needs ${missing.join(' and ')}. To run everything in one process, use "kait up".`;
    throw new KaitError('KAIT_PRODUCTION_INCOMPLETE', message);
  }
  return { cluster: temporal };
}
