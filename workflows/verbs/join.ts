import type { Join, Quorum } from '../../language/definition.ts';
import type { UndoEntry } from '../effects.ts';
import type { Frame, StepContext } from '../run-context.ts';
import { RunError } from '../run-error.ts';
import { undoAll } from '../undo.ts';

/** The frame of one branch or item. It says whether the join handles its failure and whether it races against others. */
export function frameIn({ frame, key }: StepContext, join: Join | Quorum | undefined, position: number): Frame {
  if (join === undefined || join === 'all') return frame;
  if (join === 'settle') return { ...frame, handles: () => true };
  return { ...frame, handles: () => true, races: [...frame.races, raceOf(key, position)] };
}

/** Undoes the effects of the branches that lost, as if they had never run. A cancellation takes effect afterwards. */
export async function undoLosers({ run, key }: StepContext, winners: number[]): Promise<void> {
  const won = new Set(winners.map((position) => raceOf(key, position)));
  const lost = ({ races }: UndoEntry) =>
    races.some((race) => race.startsWith(`${key}#`)) && !races.some((race) => won.has(race));
  await run.continuation.finishing(() => run.effects.shielded(() => undoAll(run, key, lost)));
}

export function allFailed(stepId: string, what: string, count: number): RunError {
  return new RunError('AllFailed', stepId, `Step "${stepId}": all ${count} ${what} failed`);
}

function raceOf(key: string, position: number): string {
  return `${key}#${position}`;
}
