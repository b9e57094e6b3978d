import type { ApproveStep } from '../../language/definition.ts';
import { parseDuration } from '../../language/time.ts';
import { cutText } from '../../language/well-formed.ts';
import { renderText } from '../evaluate.ts';
import type { ApprovalDecision } from '../mailbox.ts';
import { type StepContext, type StepOutput, timedOut } from '../run-context.ts';
import { RunError } from '../run-error.ts';
import { cursorOf } from '../run-state.ts';
import { react, skipReaction } from './reaction.ts';

interface Answer {
  approved: boolean;
  by: string;
  comment: string | null;
  /** RFC 3339. */
  at: string;
}

interface ApproveCursor {
  untilMs: number;
  question: string;
  /** Null: nobody answered in time. */
  answer?: Answer | null;
}

/**
 * `approve`: waits for a person. The output is the answer. If none arrives in time, the status is `timedOut` and the output
 * null. The timer's summary is the question, so that the Web UI shows it.
 */
export async function performApprove(step: ApproveStep, context: StepContext): Promise<StepOutput> {
  const { run, key } = context;
  const cursor = cursorOf(run.state, key, () => begin(step, context));
  cursor.answer = cursor.answer === undefined ? await awaitAnswer(cursor, context) : cursor.answer;
  const { answer } = cursor;
  if (answer === null) {
    skipReaction(step.onReject, context);
    await react(step.onTimeout ?? 'fail', context, () => {
      return new RunError('TimedOut', step.id, `Step "${step.id}": nobody answered within ${step.timeout}`);
    });
    return timedOut;
  }
  skipReaction(step.onTimeout, context);
  if (answer.approved) skipReaction(step.onReject, context);
  else {
    context.frame.outputs[step.id] = { ...answer }; // The steps of `onReject` may refer to it.
    await react(step.onReject ?? 'fail', context, () => rejection(step, answer));
  }
  return { ...answer };
}

function begin(step: ApproveStep, context: StepContext): ApproveCursor {
  return {
    untilMs: context.run.effects.now() + parseDuration(step.timeout),
    question: renderText(step.approve, context),
  };
}

async function awaitAnswer({ untilMs, question }: ApproveCursor, { run, key }: StepContext): Promise<Answer | null> {
  const slot = run.mailbox.approvals.open(key);
  try {
    const freed = run.turn.waits(Infinity);
    if (freed !== undefined) await freed;
    const ms = Math.max(0, untilMs - run.effects.now());
    await run.continuation.waiting(() => {
      return run.effects.waitUntil(() => slot.answer() !== undefined, ms, cutText(`${key}: ${question}`, 120));
    });
    const decision = slot.answer();
    return decision === undefined ? null : answerOf(decision, run.effects.now());
  } finally {
    slot.close();
  }
}

function answerOf({ approved, by, comment }: ApprovalDecision, nowMs: number): Answer {
  return { approved, by, comment: comment ?? null, at: new Date(nowMs).toISOString() };
}

function rejection(step: ApproveStep, { by, comment }: Answer): RunError {
  const why = comment === null ? '' : `: ${comment}`;
  return new RunError('Rejected', step.id, `Step "${step.id}": ${by} rejected it${why}`);
}
