import type { Words } from '../../words/words.ts';
import type { Replay } from './progress.ts';

/** Which webhooks a replay sends again, in a few words. */
export function whatText({ missing, states, type }: Pick<Replay, 'missing' | 'states' | 'type'>, words: Words): string {
  const { replays, endpoints } = words;
  const which = missing ? replays.missing : states.map((state) => endpoints.deliveryStates[state]).join(', ');
  return type === null ? which : `${which} · ${type}`;
}
