import type { WaitStep } from '../../language/definition.ts';
import { parseDuration, parseRfc3339 } from '../../language/time.ts';
import type { Json } from '../../language/json.ts';
import { render } from '../evaluate.ts';
import { Commanded } from '../commands.ts';
import { type StepContext, summaryOf } from '../run-context.ts';
import { RunError } from '../run-error.ts';
import { cursorOf } from '../run-state.ts';
import { standing } from '../standing.ts';

/** The longest wait for an instant: a mistyped year must not keep a run open forever. */
const furthestMs = 366 * 24 * 60 * 60 * 1000;

/** Lists show waits from this long on. A poll every few seconds is none. */
const shownFromMs = 10 * 60 * 1000;

/** `wait`: a durable timer. Does not wait for an instant in the past. The output is null. */
export async function performWait(step: WaitStep, context: StepContext): Promise<null> {
  const { run, key } = context;
  const { untilMs } = cursorOf(run.state, key, () => begin(step, context));
  const ms = untilMs - run.effects.now();
  if (ms <= 0) return null;
  const freed = run.turn.waits(ms);
  if (freed !== undefined) await freed;
  const sleep = () => run.continuation.waiting(() => sleepUntil(untilMs, summaryOf(step), context));
  await (ms < shownFromMs ? sleep() : standing('waiting', context, sleep));
  return null;
}

/** An operator may end it. */
export async function sleepUntil(untilMs: number, summary: string, { run, key }: StepContext): Promise<void> {
  const { effects, mailbox } = run;
  const ms = Math.max(0, untilMs - effects.now());
  const timer = effects.cancelable(() => effects.sleep(ms, summary));
  const slot = mailbox.commands.enter(key, 'waiting', timer.cancel);
  try {
    await timer.done;
  } catch (error) {
    const command = slot.command();
    throw command === undefined || effects.isCanceled() ? error : new Commanded(command);
  } finally {
    slot.close();
  }
}

function begin(step: WaitStep, context: StepContext): { untilMs: number } {
  const now = context.run.effects.now();
  const untilMs =
    typeof step.wait === 'string'
      ? now + parseDuration(step.wait)
      : instantMs(step.id, render(step.wait.until, context));
  if (untilMs - now > furthestMs) {
    throw new RunError('ExpressionFailed', step.id, `Step "${step.id}": until is more than 366 days away`);
  }
  return { untilMs };
}

function instantMs(stepId: string, value: Json): number {
  const ms = typeof value === 'string' ? parseRfc3339(value) : undefined;
  if (ms === undefined) {
    const got = JSON.stringify(value);
    throw new RunError('ExpressionFailed', stepId, `Step "${stepId}": until expects an RFC 3339 instant, got ${got}`);
  }
  return ms;
}
