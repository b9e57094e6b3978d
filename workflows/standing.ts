import type { RunStanding } from '../language/run-standing.ts';
import type { StepContext } from './run-context.ts';

/** Runs `work`, while lists show the step like that. A run that continues as new meanwhile is shown so until its next one goes on. */
export async function standing<Value>(
  state: RunStanding,
  { key, run: { observer } }: Pick<StepContext, 'key' | 'run'>,
  work: () => Promise<Value>,
): Promise<Value> {
  observer.stands?.({ state, key, begins: true });
  try {
    return await work();
  } finally {
    observer.stands?.({ state, key, begins: false });
  }
}
