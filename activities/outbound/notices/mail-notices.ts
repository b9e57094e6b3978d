import { ApplicationFailure } from '@temporalio/common';
import { and, asc, eq, gt, isNotNull, isNull } from 'drizzle-orm';
import type { Logger } from 'pino';
import { errorText } from '../../../describe-error.ts';
import type { CallContext } from '../../../language/definition.ts';
import type { Database } from '../../../storage/database.ts';
import { endpointNotices } from '../../../storage/schema.ts';
import type { ActivityInput } from '../../engine-activities.ts';
import { endpointFacts } from './notice-data.ts';
import { noticeMail, type TellableNotice } from './notice-mail.ts';

export interface NoticeMailDeps {
  /** The operator's address. */
  to: string;
  /** Sends a mail once per key: see `sendMailOnce`. */
  sendMail: (input: ActivityInput<'mail.send'>, context: CallContext) => Promise<unknown>;
}

type Deps = NoticeMailDeps & { database: Database; clock: () => Date; log: Pick<Logger, 'warn' | 'error'> };

const minuteMs = 60_000;
/** What happens in between is in the next mail, so that an outage of Kait's own network is a few mails and not one for each endpoint. */
const betweenMailsMs = 5 * minuteMs;
const mostInOne = 50;
/** What could not be mailed for so long is no news. */
const freshMs = 7 * 24 * 60 * minuteMs;
/** After a failure. The mail server is asked by each worker. */
const pauseMs = minuteMs;
const pauseAfterRefusalMs = 60 * minuteMs;

/**
 * Puts told notices that are in no mail yet into the next one. The lock and the conditions on the rows that are changed see to it that each is
 * in one mail only, whoever else does the same.
 */
const claimSql = `
  with chosen as materialized (
    select id from endpoint_notices
    where told_at is not null and mailed_at is null and mail is null and at > $1::timestamptz
      and pg_try_advisory_xact_lock(hashtextextended('kait mail notices', 0))
      and not exists (select from endpoint_notices where told_at > $1::timestamptz and mailed_at > $2::timestamptz)
    order by id limit ${mostInOne}
  )
  update endpoint_notices set mail = 'kait:notices/' || (select min(id) from chosen)
  where id in (select id from chosen) and mail is null
  returning id`;

/** Returns a function that sends the operator the mail that is due, if there is one. It never rejects because of the mail server. */
export function mailNotices(deps: Deps): () => Promise<void> {
  let nextAt = 0;
  return async () => {
    const now = deps.clock().getTime();
    if (now < nextAt) return;
    const from = new Date(now - freshMs);
    const unsent = await firstUnsent(deps, from);
    if (unsent.length === 0) {
      const before = new Date(now - betweenMailsMs);
      const claimed = await deps.database.run<{ id: number }>('claim-notices', claimSql, [
        from.toISOString(),
        before.toISOString(),
      ]);
      if (claimed.length === 0) return;
    }
    const [first, ...others] = unsent.length > 0 ? unsent : await firstUnsent(deps, from);
    if (first !== undefined) nextAt = now + (await send(deps, [first, ...others]));
  };
}

type Notice = typeof endpointNotices.$inferSelect;

/** The notices of the oldest mail that is not known to be sent. */
async function firstUnsent({ database: { orm } }: Deps, from: Date): Promise<Notice[]> {
  const { id, mail, mailedAt, toldAt, at } = endpointNotices;
  const unsent = and(isNotNull(toldAt), isNull(mailedAt), isNotNull(mail), gt(at, from));
  const [first] = await orm.select({ mail }).from(endpointNotices).where(unsent).orderBy(asc(id)).limit(1);
  if (first?.mail === undefined || first.mail === null) return [];
  return orm.select().from(endpointNotices).where(eq(mail, first.mail)).orderBy(asc(id));
}

/** Resolves to the pause in ms before the next attempt of this process. */
async function send(deps: Deps, notices: [Notice, ...Notice[]]): Promise<number> {
  const { database, clock, log, sendMail, to } = deps;
  const key = notices[0].mail ?? '';
  const told: TellableNotice[] = [];
  for (const notice of notices) told.push({ ...notice, facts: await endpointFacts(database.orm, notice.endpoint) });
  try {
    await sendMail({ to, ...noticeMail(told) }, { idempotencyKey: key, source: 'kait', eventId: key });
  } catch (error) {
    if (!(error instanceof ApplicationFailure)) throw error;
    if (error.type === 'MailInFlight') return pauseMs; // Another worker is sending it.
    if (error.nonRetryable !== true) {
      log.warn({ reason: errorText(error) }, 'mail to the operator not sent, will retry');
      return pauseMs;
    }
    log.error({ reason: errorText(error) }, 'mail to the operator refused, will retry in an hour');
    return pauseAfterRefusalMs;
  }
  await database.orm.update(endpointNotices).set({ mailedAt: clock() }).where(eq(endpointNotices.mail, key));
  return 0;
}
