import type { components } from '../../../cli/api-types.ts';
import type { Tone } from '../../parts/tones.ts';

export type Endpoint = components['schemas']['Endpoint'];
export type Condition = 'healthy' | 'failing' | 'open' | 'paused' | 'disabled';

/** How an endpoint is, in one word. `open`: so many attempts failed that nothing is sent for now. */
export function conditionOf(
  { state, openUntil, failingSince }: Pick<Endpoint, 'state' | 'openUntil' | 'failingSince'>,
  nowMs: number,
): Condition {
  if (state !== 'enabled') return state;
  if (openUntil !== null && Date.parse(openUntil) > nowMs) return 'open';
  return failingSince === null ? 'healthy' : 'failing';
}

export const conditionTones: Record<Condition, Tone> = {
  healthy: 'ok',
  failing: 'warn',
  open: 'bad',
  paused: 'warn',
  disabled: 'bad',
};
