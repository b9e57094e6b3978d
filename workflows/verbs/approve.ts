import type { ApproveStep } from '../../language/definition.ts';
import { parseDuration } from '../../language/duration.ts';
import type { Json } from '../../language/json.ts';
import { renderText } from '../evaluate.ts';
import type { ApprovalDecision } from '../mailbox.ts';
import type { Place } from '../run-context.ts';
import { RunError } from '../run-error.ts';
import { cursorOf } from '../run-state.ts';
import { react, skipReaction } from './outcome-steps.ts';
import { timedOut } from './timed-out.ts';

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
 * `approve`: waits for a person. The output is the answer; where none comes in time, the status is `timedOut` and the output
 * null. The question, filled in, is the timer's summary, so that it stands in the Web UI.
 */
export async function performApprove(step: ApproveStep, place: Place): Promise<Json | typeof timedOut> {
  const { run, key } = place;
  const cursor = cursorOf(run.state, key, () => begin(step, place));
  cursor.answer = cursor.answer === undefined ? await awaitAnswer(cursor, place) : cursor.answer;
  const { answer } = cursor;
  if (answer === null) {
    skipReaction(step.onReject, place);
    await react(step.onTimeout ?? 'fail', place, () => {
      return new RunError('TimedOut', step.id, `Step "${step.id}": nobody answered within ${step.timeout}`);
    });
    return timedOut;
  }
  skipReaction(step.onTimeout, place);
  if (answer.approved) skipReaction(step.onReject, place);
  else {
    place.frame.outputs[step.id] = { ...answer }; // Its own steps may tell why.
    await react(step.onReject ?? 'fail', place, () => rejection(step, answer));
  }
  return { ...answer };
}

function begin(step: ApproveStep, place: Place): ApproveCursor {
  return {
    untilMs: place.run.effects.now() + parseDuration(step.timeout),
    question: renderText(step.approve, place),
  };
}

async function awaitAnswer({ untilMs, question }: ApproveCursor, { run, key }: Place): Promise<Answer | null> {
  const slot = run.mailbox.approvals.open(key);
  try {
    const ms = Math.max(0, untilMs - run.effects.now());
    await run.continuation.waiting(() => {
      return run.effects.waitUntil(() => slot.answer() !== undefined, ms, `${key}: ${question}`.slice(0, 120));
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
  return new RunError('Rejected', step.id, `Step "${step.id}": ${by} said no${why}`);
}
