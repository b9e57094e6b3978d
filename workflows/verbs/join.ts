import type { Join } from '../../language/definition.ts';
import type { Frame, Place } from '../run-context.ts';
import { RunError } from '../run-error.ts';
import { undoAll } from '../undo.ts';

/** The frame of one branch or item: whether its failure is handled by the join, and whether it races against others. */
export function frameIn({ frame, key }: Place, join: Join | undefined, position: number): Frame {
  if (join === undefined || join === 'all') return frame;
  if (join === 'settle') return { ...frame, handles: () => true };
  return { ...frame, handles: () => true, races: [...frame.races, raceOf(key, position)] };
}

/** Takes back what the branches that lost have done: the outcome is as if they had never run. */
export async function undoLosers({ run, key }: Place, winner: number): Promise<void> {
  await undoAll(
    run,
    ({ races }) => races.some((race) => race.startsWith(`${key}#`)) && !races.includes(raceOf(key, winner)),
  );
}

export function allFailed(stepId: string, what: string, count: number): RunError {
  return new RunError('AllFailed', stepId, `Step "${stepId}": all ${count} ${what} failed`);
}

function raceOf(key: string, position: number): string {
  return `${key}#${position}`;
}
