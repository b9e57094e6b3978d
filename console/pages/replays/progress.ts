import type { components } from '../../../cli/api-types.ts';
import type { Tone } from '../../parts/tones.ts';

export type Replay = components['schemas']['Replay'];
type ReplayState = Replay['state'];

export const replayTones: Record<ReplayState, Tone> = {
  pending: 'run',
  running: 'run',
  paused: 'warn',
  parked: 'bad',
  completed: 'ok',
  canceled: 'idle',
  failed: 'bad',
  refused: 'bad',
};

/** Whether it may still send something. */
export function isUnderWay({ endedAt, state }: Pick<Replay, 'endedAt' | 'state'>): boolean {
  return endedAt === null && state !== 'failed' && state !== 'canceled';
}

/** How fast a replay is, on average since it was asked for, and how long it takes still. */
interface Pace {
  perSecond: number;
  /** Null: it has ended, does not go on, or nobody can tell yet. */
  leftMs: number | null;
}

/** Null: it has looked at nothing yet. */
export function paceOf(
  replay: Pick<Replay, 'state' | 'total' | 'done' | 'requestedAt' | 'endedAt'>,
  nowMs: number,
): Pace | null {
  const { state, total, done, requestedAt, endedAt } = replay;
  const tookMs = (endedAt === null ? nowMs : Date.parse(endedAt)) - Date.parse(requestedAt);
  if (done === 0 || tookMs <= 0) return null;
  const perSecond = (done * 1_000) / tookMs;
  const isGoing = endedAt === null && state === 'running';
  return { perSecond, leftMs: isGoing ? (Math.max(0, total - done) * 1_000) / perSecond : null };
}
