import type { Step } from '../../language/definition.ts';
import type { Place } from '../run-context.ts';
import { type RunError } from '../run-error.ts';
import { runSteps, skipStep } from '../run-step.ts';

/** What `onTimeout` and `onReject` say: words, or steps of their own. */
export type Reaction = 'fail' | 'continue' | Step[];

/** Carries a reaction out. `fail` throws what `failure` makes. */
export async function react(reaction: Reaction, { frame, run }: Place, failure: () => RunError): Promise<void> {
  if (reaction === 'fail') throw failure();
  if (reaction !== 'continue') await runSteps(reaction, frame, run);
}

/** Skips the steps of a reaction that was not needed. */
export function skipReaction(reaction: Reaction | undefined, { frame, run }: Place): void {
  if (Array.isArray(reaction)) for (const step of reaction) skipStep(step, frame, run);
}
