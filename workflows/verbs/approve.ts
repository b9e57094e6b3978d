import { type ApprovalRules, outcomeOf, type Refusal, refusalOf } from '../../language/approval.ts';
import type { ApproveStep } from '../../language/definition.ts';
import { parseDuration } from '../../language/time.ts';
import { cutText } from '../../language/well-formed.ts';
import type { ApprovalOutcome, ApprovalRequest } from '../effects.ts';
import { renderNames, renderText } from '../evaluate.ts';
import type { ApprovalDecision, Ask, NumberedDecision } from '../mailbox.ts';
import { type StepContext, type StepOutput, summaryOf, timedOut } from '../run-context.ts';
import { RunError } from '../run-error.ts';
import { cursorOf } from '../run-state.ts';
import { standing } from '../standing.ts';
import { react, skipReaction } from './reaction.ts';

/** One person's answer. `at` is RFC 3339. */
interface Answer {
  by: string;
  approved: boolean;
  reason: string | null;
  at: string;
}

type Asked = Omit<ApprovalRequest, 'key' | 'stepId' | 'summary'>;

interface ApproveCursor {
  beganMs: number;
  asked: Asked;
  /** Whether others can find the step. */
  isOpen: boolean;
  /** Those that count. */
  answers: Answer[];
  /** How many answers the step has dealt with. */
  tried: number;
  /** How many rounds of mails are done. */
  mailed: number;
  /** Null: nobody decided in time. */
  decided?: boolean | null;
}

/**
 * `approve`: waits for people. The output is the answer that decided, with all that counted. If it is not decided in time, the status is `timedOut`
 * and the output null. The timer's summary is the question, so that the Web UI shows it.
 */
export async function performApprove(step: ApproveStep, context: StepContext): Promise<StepOutput> {
  const { run, key } = context;
  const cursor = cursorOf(run.state, key, () => begin(step, context));
  if (cursor.decided === undefined) await ask(step, cursor, context);
  const output = outputOf(cursor);
  if (output === null) {
    skipReaction(step.onReject, context);
    await react(step.onTimeout ?? 'fail', context, () => {
      const who = step.by?.min === undefined || cursor.answers.length === 0 ? 'nobody' : 'not enough people';
      return new RunError('TimedOut', step.id, `Step "${step.id}": ${who} answered within ${step.timeout}`);
    });
    return timedOut;
  }
  skipReaction(step.onTimeout, context);
  if (output.approved) skipReaction(step.onReject, context);
  else {
    context.frame.outputs[step.id] = output; // The steps of `onReject` may refer to it.
    await react(step.onReject ?? 'fail', context, () => rejection(step, output));
  }
  return output;
}

function begin(step: ApproveStep, context: StepContext): ApproveCursor {
  const beganMs = context.run.effects.now();
  const requester = step.by?.requester === undefined ? null : identity(step.by.requester, 'requester', context);
  const details = Object.entries(renderNames(step.details, context)).map(([label, value]): [string, string] => {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    return [cutText(label, 100), cutText(text, 1_000)];
  });
  const asked: Asked = {
    question: cutText(renderText(step.approve, context), 2_000),
    details,
    rules: rulesOf(step, requester, context),
    requester,
    mail: mailOf(step, context),
    untilMs: beganMs + parseDuration(step.timeout),
  };
  return { beganMs, asked, isOpen: false, answers: [], tried: 0, mailed: 0 };
}

function rulesOf({ by = {}, reason }: ApproveStep, requester: string | null, context: StepContext): ApprovalRules {
  return {
    min: by.min ?? 1,
    roles: by.roles ?? [],
    people: (by.people ?? []).map((each) => identity(each, 'people', context)),
    notBy: by.notRequester === true ? requester : null,
    needsReason: reason === 'required',
  };
}

function mailOf({ mail }: ApproveStep, context: StepContext): ApprovalRequest['mail'] {
  if (mail === undefined) return null;
  const { to, subject, text } = mail === true ? {} : mail;
  return {
    to: to?.map((each) => identity(each, 'mail.to', context)) ?? null,
    subject: subject === undefined ? null : cutText(renderText(subject, context), 500),
    text: text === undefined ? null : cutText(renderText(text, context), 20_000),
  };
}

/** Who is missing cannot be told apart from others, so nobody would be kept from answering. */
function identity(template: string, member: string, context: StepContext): string {
  const id = renderText(template, context);
  if (id.trim() !== '' && id !== 'null' && id.length <= 200) return id;
  const message = `Step "${context.stepId}": "${member}" must give the id of a person, got ${cutText(JSON.stringify(id), 40)}`;
  throw new RunError('ExpressionFailed', context.stepId, message);
}

/** Sets `cursor.decided`. Those who look for open questions find this one no longer, unless the run continues as new. */
async function ask(step: ApproveStep, cursor: ApproveCursor, context: StepContext): Promise<void> {
  const { effects, mailbox, turn } = context.run;
  const refuses = (answer: ApprovalDecision) => refusalOf(cursor.asked.rules, answer, cursor.answers.map(nameOf));
  const slot = mailbox.asks.open(context.key, refuses); // An answer may come before the question is recorded.
  let outcome: ApprovalOutcome = 'ended';
  try {
    if (!cursor.isOpen) {
      await effects.openApproval({ ...identityOf(step, context), ...cursor.asked });
      cursor.isOpen = true;
    }
    const freed = turn.waits(Infinity);
    if (freed !== undefined) await freed;
    cursor.decided = await standing('approval', context, () => awaitDecision({ step, cursor, context, slot, refuses }));
    outcome = cursor.decided === null ? 'timed-out' : cursor.decided ? 'approved' : 'rejected';
  } finally {
    slot.close();
    await effects.shielded(() => effects.closeApproval(identityOf(step, context), outcome));
  }
}

interface Asking {
  step: ApproveStep;
  cursor: ApproveCursor;
  context: StepContext;
  slot: Ask;
  refuses: (answer: ApprovalDecision) => Refusal | null;
}

async function awaitDecision({ step, cursor, context, slot, refuses }: Asking): Promise<boolean | null> {
  const { effects, continuation } = context.run;
  const { rules, question, untilMs } = cursor.asked;
  const mails = createMails(step, cursor, context);
  const summary = cutText(`${context.key}: ${question}`, 120);
  for (;;) {
    for (let next = slot.next(); next !== undefined; next = slot.next()) {
      slot.settle(refuses(next) ?? (await record(next, step, cursor, context)));
      const decided = outcomeOf(rules, cursor.answers);
      if (decided !== null) return decided;
    }
    const now = effects.now();
    if (now >= untilMs) return null;
    mails.sendDue();
    const ms = Math.max(1, Math.min(untilMs, mails.nextMs()) - now);
    await continuation.waiting(() => {
      return effects.waitUntil(() => slot.next() !== undefined || mails.hasEnded(), ms, summary);
    });
  }
}

function nameOf({ by }: Answer): string {
  return by;
}

/** Null: the answer counts from now on. */
async function record(decision: NumberedDecision, step: ApproveStep, cursor: ApproveCursor, context: StepContext) {
  const { effects } = context.run;
  const { rules } = cursor.asked;
  cursor.tried += 1;
  // To its end even if the run is canceled: what is kept and what counts must be the same.
  const { refusal } = await effects.shielded(() => {
    return effects.recordDecision(identityOf(step, context), { ...decision, rules, number: cursor.tried });
  });
  if (refusal !== null) return refusal;
  const { by, approved, reason } = decision;
  cursor.answers.push({ by, approved, reason: reason ?? null, at: new Date(effects.now()).toISOString() });
  return null;
}

/** How often a round of mails that failed is tried again is up to the activity. A round that failed for good is noted, and people can answer all the same. */
function createMails(step: ApproveStep, cursor: ApproveCursor, context: StepContext) {
  const { effects, mailbox } = context.run;
  const { beganMs, asked } = cursor;
  let isSending = false;
  let hasEnded = false;
  const dueMs = (round: number): number => {
    if (asked.mail === null) return Infinity;
    if (round === 0) return beganMs;
    const { remind } = step;
    if (remind === undefined) return Infinity;
    if (typeof remind === 'string') return beganMs + round * parseDuration(remind);
    const afterMs = remind.map(parseDuration).toSorted((one, other) => one - other)[round - 1];
    return afterMs === undefined ? Infinity : beganMs + afterMs;
  };

  async function send(round: number): Promise<void> {
    isSending = true;
    try {
      await effects.mailApproval(identityOf(step, context), round);
    } catch (error) {
      if (effects.isCanceled()) return;
      const { type, message } = effects.describe(error);
      mailbox.note(`Step "${step.id}": a mail was not sent (${type}): ${message}`);
    } finally {
      isSending = false;
      hasEnded = true;
    }
    cursor.mailed = round + 1;
  }

  return {
    /** Begins to send the mails that are due. If several rounds are due, such as after a long outage, only the last one. */
    sendDue() {
      hasEnded = false;
      if (isSending) return;
      const now = effects.now();
      if (dueMs(cursor.mailed) > now) return;
      let round = cursor.mailed;
      while (dueMs(round + 1) <= now) round += 1;
      void send(round);
    },
    /** When the next round is due. */
    nextMs: () => (isSending ? Infinity : dueMs(cursor.mailed)),
    /** Whether a round has ended since the last look. */
    hasEnded: () => hasEnded,
  };
}

function identityOf(step: ApproveStep, { key, stepId }: StepContext) {
  return { key, stepId, summary: summaryOf(step) };
}

function outputOf({ decided = null, answers }: ApproveCursor) {
  const last = answers.at(-1);
  if (decided === null || last === undefined) return null;
  const { by, reason, at } = last;
  return { approved: decided, by, reason, at, answers: answers.map((each) => ({ ...each })) };
}

function rejection(step: ApproveStep, { by, reason }: Omit<Answer, 'approved'>): RunError {
  const why = reason === null ? '' : `: ${reason}`;
  return new RunError('Rejected', step.id, `Step "${step.id}": ${by} rejected it${why}`);
}
