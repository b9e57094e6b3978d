import { createHash } from 'node:crypto';
import { ApplicationFailure } from '@temporalio/common';
import type { CallContext } from '../language/definition.ts';
import type { Database } from '../storage/database.ts';
import { withDeadline } from '../storage/with-deadline.ts';
import { askDatabase } from './ask-database.ts';
import type { ActivityInput, ActivityOutput } from './engine-activities.ts';
import { derivedId } from '../language/derived-id.ts';
import { activityFailure } from './failure-types.ts';
import { composeMail } from './mail/compose-mail.ts';
import type { MailFormat } from './mail/format-values.ts';
import type { MailTemplates } from './mail/mail-templates.ts';
import type { MailTransport } from './mail/mail-transport.ts';

/** Longer than sending a mail may take, so that only a crash leaves a claim behind. */
const claimMs = 25_000;

export interface MailSendDeps {
  database: Database;
  clock: () => Date;
  mail: {
    transport: MailTransport;
    templates: MailTemplates;
    /** What is wrong with the other templates. Their mails are tried again until they are corrected. */
    faulty?: ReadonlyMap<string, string>;
    /** How amounts and times are written in mails that do not say it themselves. */
    format: MailFormat;
    /** `Shop <shop@shop.example>`. The domain becomes part of every Message-ID. */
    from: string;
    /** Time limit for sending one mail. Shorter than the claim on the mail's row, 25 s. */
    sendTimeoutMs: number;
  };
}

/**
 * Sends a mail, once per key: once the mail server's acceptance is recorded, a repeat sends nothing. A crash between the
 * acceptance and the record sends the same mail again, with the same Message-ID. Throws `InputInvalid`, naming the field,
 * `TemplateUnknown`, `TemplateValueMissing`, `EventUnknown`, `MailRefused`, `MailUnavailable`, or `MailInFlight` if another
 * attempt is sending it.
 */
export async function sendMailOnce(
  deps: MailSendDeps,
  input: ActivityInput<'mail.send'>,
  context: CallContext,
): Promise<ActivityOutput<'mail.send'>> {
  const { database } = deps;
  const { idempotencyKey } = context;
  const { subject, text } = await composeMail(deps, input, context);
  const messageId = messageIdOf(idempotencyKey, deps.mail.from);
  const now = deps.clock();
  const row = { idempotencyKey, messageId, recipient: input.to, subject };
  const claim = await askDatabase(() => claimMail(database, row, now));
  if (claim.kind === 'sent') return { messageId };
  if (claim.kind === 'inFlight') {
    throw activityFailure('MailInFlight', 'mail.send: another attempt is sending this mail', {
      nextRetryDelayMs: claim.freeInMs,
    });
  }
  const { from, transport, sendTimeoutMs } = deps.mail;
  try {
    const mail = { from, to: input.to, subject, text, messageId, date: claim.createdAt };
    await sendWithin(transport.send(mail), sendTimeoutMs);
  } catch (error) {
    if (error instanceof ApplicationFailure) await askDatabase(() => recordFailure(database, idempotencyKey, error));
    throw error;
  }
  await askDatabase(() => recordSent(database, idempotencyKey, deps.clock()));
  return { messageId };
}

async function sendWithin(sending: Promise<void>, timeoutMs: number): Promise<void> {
  try {
    await withDeadline(sending, timeoutMs, 'The mail server');
  } catch (error) {
    if (error instanceof ApplicationFailure || error instanceof TypeError) throw error;
    throw activityFailure('MailUnavailable', `The mail was not accepted within ${timeoutMs} ms`);
  }
}

/** The domain need not exist. The prefix `kait.` separates these ids from those of the domain's own mail programs. */
function messageIdOf(idempotencyKey: string, from: string): string {
  const domain = /@([A-Za-z0-9.-]+)>?\s*$/.exec(from)?.[1] ?? 'localhost';
  return `<${createHash('sha256').update(idempotencyKey).digest('hex')}@kait.${domain}>`;
}

type MailClaim =
  /** Ours to send. `createdAt` is the mail's date, the same each time it is sent. */
  { kind: 'claimed'; createdAt: Date } | { kind: 'sent' } | { kind: 'inFlight'; freeInMs: number };

const claimSql = `
  insert into mails (id, idempotency_key, message_id, recipient, subject, state, claimed_until, created_at)
  values ($1, $2, $3, $4, $5, 'sending', $6, $7)
  on conflict (idempotency_key) do update
    set state = 'sending', claimed_until = excluded.claimed_until, last_error = null
    where mails.state <> 'sent' and (mails.claimed_until is null or mails.claimed_until < excluded.created_at)
  returning created_at`;

/** Claims the mail of a key, creating its row as `sending`. Only one of several concurrent attempts gets it. */
async function claimMail(
  database: Database,
  mail: { idempotencyKey: string; messageId: string; recipient: string; subject: string },
  now: Date,
): Promise<MailClaim> {
  const { idempotencyKey, messageId, recipient, subject } = mail;
  const claimedUntil = new Date(now.getTime() + claimMs);
  const times = [claimedUntil.toISOString(), now.toISOString()];
  const values = [derivedId('mail', idempotencyKey), idempotencyKey, messageId, recipient, subject, ...times];
  const [claimed] = await database.run<{ created_at: Date }>('claim-mail', claimSql, values);
  if (claimed !== undefined) return { kind: 'claimed', createdAt: claimed.created_at };
  const stateSql = `select state, claimed_until from mails where idempotency_key = $1`;
  const [other] = await database.run<{ state: string; claimed_until: Date | null }>('mail-state', stateSql, [
    idempotencyKey,
  ]);
  if (other?.state === 'sent') return { kind: 'sent' };
  const freeAtMs = other?.claimed_until?.getTime() ?? 0;
  return { kind: 'inFlight', freeInMs: Math.max(1_000, freeAtMs - now.getTime()) };
}

const sentSql = `update mails set state = 'sent', sent_at = $2, claimed_until = null where idempotency_key = $1`;

async function recordSent(database: Database, idempotencyKey: string, sentAt: Date): Promise<void> {
  await database.run('mail-sent', sentSql, [idempotencyKey, sentAt.toISOString()]);
}

const failureSql = `
  update mails set state = $2, last_error = $3, claimed_until = null where idempotency_key = $1 and state <> 'sent'`;

/** Releases the claim for the next attempt. Even a refused mail may be sent later, once its cause is fixed. */
async function recordFailure(
  database: Database,
  idempotencyKey: string,
  { message, nonRetryable }: ApplicationFailure,
): Promise<void> {
  await database.run('mail-failure', failureSql, [idempotencyKey, nonRetryable ? 'refused' : 'sending', message]);
}
