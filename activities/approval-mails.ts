import { ApplicationFailure } from '@temporalio/common';
import { approvalLimits, type Person, personKey, refusalByRole, refusalOf } from '../language/approval.ts';
import type { People } from '../language/check/people-file.ts';
import { printable } from '../language/printable.ts';
import { cutText } from '../language/well-formed.ts';
import { findApproval, type ShownApproval } from '../storage/approvals/approval-list.ts';
import { approvalIdOf } from '../storage/approvals/approval-records.ts';
import { linkPath, linkToken } from '../storage/approvals/link-token.ts';
import type { Database } from '../storage/database.ts';
import type { Installation } from '../storage/installation.ts';
import { askDatabase } from './ask-database.ts';
import { activityFailure } from './failure-types.ts';
import type { ActivityInput } from './engine-activities.ts';
import type { CallContext } from '../language/definition.ts';

export interface ApprovalMailDeps {
  database: Database;
  installation: Installation;
  people: () => Promise<People>;
  /** `KAIT_PUBLIC_URL`. Null: the mails say how to answer without a link. */
  publicUrl: string | null;
  /** Sends a mail once per key. */
  sendMail: (input: ActivityInput<'mail.send'>, context: CallContext) => Promise<unknown>;
}

/**
 * Mails a question to those who may answer and have not. Each gets a mail of each round once, however often this is tried. An address that the mail
 * server refuses does not keep the others from being asked. Throws `MailRefused` in the end, with their number.
 */
export async function mailApproval(
  deps: ApprovalMailDeps,
  { workflowId, step, round }: { workflowId: string; step: string; round: number },
  context: CallContext,
): Promise<null> {
  const { database, people, sendMail } = deps;
  const asked = await askDatabase(() => findApproval(database, approvalIdOf({ workflowId, step })));
  if (asked?.state !== 'open' || asked.mail === null) return null;
  const recipients = recipientsOf(asked, await people());
  if (round === 0 && recipients.length === 0) {
    throw activityFailure('MailRefused', 'Nobody in definitions/people.json may answer and has a mail address');
  }
  let refused = 0;
  for (const person of recipients) {
    const idempotencyKey = `${context.idempotencyKey}/kait:ask-${asked.round}-${round}/${personKey(person.id)}`;
    try {
      await sendMail({ to: person.mail, ...textsOf(asked, person, round, deps) }, { ...context, idempotencyKey });
    } catch (error) {
      if (!(error instanceof ApplicationFailure) || error.nonRetryable !== true) throw error;
      refused += 1;
    }
  }
  if (refused > 0) throw activityFailure('MailRefused', `${refused} of ${recipients.length} mails were refused`);
  return null;
}

type Recipient = Person & { mail: string };

function recipientsOf(asked: ShownApproval, people: People): Recipient[] {
  const { mail, rules, answers } = asked;
  const before = answers.map(({ by }) => by);
  const named = mail?.to?.map(personKey) ?? null;
  return [...people.values()]
    .filter((person): person is Recipient => person.mail !== null)
    .filter(({ id }) => named === null || named.includes(personKey(id)))
    .filter((person) => {
      const answer = { by: person.id, approved: true, reason: '-' };
      return refusalOf(rules, answer, before) === null && refusalByRole(rules, person.id, person) === null;
    })
    .slice(0, approvalLimits.people);
}

function textsOf(
  asked: ShownApproval,
  person: Recipient,
  round: number,
  { installation, publicUrl }: ApprovalMailDeps,
) {
  const { id, mail, question, details, requester, until, workflowId, step } = asked;
  const subject = cutText(printable(mail?.subject ?? question).trim(), 200);
  const expiresAt = Math.ceil(until.getTime() / 1_000);
  const token = linkToken(installation, { request: id, round: asked.round, person: personKey(person.id), expiresAt });
  const how =
    publicUrl === null
      ? ['To answer, ask an operator of Kait to run:', `kait approve '${workflowId}' ${step} --by '${person.id}'`]
      : [
          'Look at it and answer here:',
          `${publicUrl.replace(/\/+$/, '')}${linkPath}${token}`,
          '',
          'The link is yours alone and can be used once. Do not forward this mail.',
        ];
  const facts = [...(requester === null ? [] : [['Asked for by', requester]]), ...details];
  return {
    subject: subject === '' ? 'Approval' : round === 0 ? subject : `Reminder: ${subject}`,
    // On one line each: whoever sent the event must not write lines of this mail.
    text: [
      mail?.text ?? printable(question),
      '',
      ...facts.map(([label = '', value = '']) => `${printable(label)}: ${printable(value)}`),
      `Answer before: ${until.toISOString()}`,
      '',
      ...how,
      '',
    ].join('\n'),
  };
}
