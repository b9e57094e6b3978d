import type { Logger } from 'pino';
import type { Database } from '../../storage/database.ts';
import { audit } from '../../storage/schema.ts';
import { createRateLimit } from '../rate-limit.ts';

/** Records that somebody could not log in. */
export type NoteFailure = (failed: { why: string; address: string }) => Promise<void>;

/** The audit is kept forever, so strangers must not be able to fill it. */
const rows = { perSecond: 0.1, burst: 20 };

/** What is too much for the audit is counted, and told with the next row. Never rejects: the answer is a refusal, whatever becomes of the record. */
export function createNoteFailure(
  { orm }: Pick<Database, 'orm'>,
  { log, now }: { log: Pick<Logger, 'warn'>; now: () => number },
): NoteFailure {
  const limit = createRateLimit(rows, now);
  let untold = 0;
  return async ({ why, address }) => {
    if (limit.take() > 0) {
      untold += 1;
      return;
    }
    const reason = untold === 0 ? why : `${why}; and ${untold} more since the row before`;
    untold = 0;
    log.warn({ address, why: reason }, 'somebody could not log in to the console');
    try {
      await orm
        .insert(audit)
        .values({ actor: 'nobody', action: 'fail-log-in', target: `console, from ${address}`, reason });
    } catch (err) {
      log.warn({ err }, 'a failed log-in is not in the audit');
    }
  };
}
