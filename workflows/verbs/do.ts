import type { DoStep, ParallelStep } from '../../language/definition.ts';
import { withinDeadline } from '../deadline.ts';
import { type Frame, type StepContext, type StepOutput, summaryOf, timedOut } from '../run-context.ts';
import { RunError } from '../run-error.ts';
import { runSteps } from '../run-step.ts';

/** `do`: a group, so that one guard or one deadline covers several steps. The output is null. */
export async function performDo(step: DoStep, context: StepContext): Promise<StepOutput> {
  return performGroup(step, step.do, context, async (frame) => {
    await runSteps(step.do, frame, context.run);
    return null;
  });
}

/** Runs a group of steps within its deadline, if it has one. After that, the status is `timedOut` and the output null. */
export async function performGroup(
  step: DoStep | ParallelStep,
  inside: DoStep['do'],
  context: StepContext,
  work: (frame: Frame) => Promise<StepOutput>,
): Promise<StepOutput> {
  const { frame, run, key } = context;
  const { deadline, onTimeout, undoOnTimeout } = step;
  if (deadline === undefined) return work(frame);
  let output: StepOutput = null;
  const failure = () => new RunError('TimedOut', step.id, `Step "${step.id}" was not done within ${deadline}`);
  const limit = { deadline, onTimeout, undoOnTimeout, key, inside, summary: `deadline of ${summaryOf(step)}`, failure };
  const isDone = await withinDeadline(limit, frame, run, async (inner) => {
    output = await work(inner);
  });
  return isDone ? output : timedOut;
}
