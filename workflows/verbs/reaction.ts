import type { Step } from '../../language/definition.ts';
import type { StepContext } from '../run-context.ts';
import { type RunError } from '../run-error.ts';
import { runSteps, skipStep } from '../run-step.ts';

/** The value of `onTimeout` or `onReject`: a word, or steps. */
export type Reaction = 'fail' | 'continue' | Step[];

type Around = Pick<StepContext, 'frame' | 'run'>;

/** Carries out a reaction. `fail` throws the error that `failure` creates. */
export async function react(reaction: Reaction, { frame, run }: Around, failure: () => RunError): Promise<void> {
  if (reaction === 'fail') throw failure();
  if (reaction !== 'continue') await runSteps(reaction, frame, run);
}

/** Skips the steps of a reaction that was not needed. */
export function skipReaction(reaction: Reaction | undefined, { frame, run }: Around): void {
  if (Array.isArray(reaction)) for (const step of reaction) skipStep(step, frame, run);
}
