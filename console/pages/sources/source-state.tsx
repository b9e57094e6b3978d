import type { components } from '../../../cli/api-types.ts';
import { Badge } from '../../parts/badge.tsx';
import type { Tone } from '../../parts/tones.ts';
import { useWords } from '../../words/words.ts';

export type Source = components['schemas']['Source'];
type State = 'unmounted' | 'secrets' | 'rejects' | 'silent' | 'waiting' | 'ok';

const tones: Record<State, Tone> = {
  unmounted: 'bad',
  secrets: 'bad',
  rejects: 'warn',
  silent: 'warn',
  waiting: 'idle',
  ok: 'ok',
};

/** What is most urgent about a source. A few rejected requests among many genuine ones are no reason to worry. */
export function stateOf(source: Source): State {
  if (source.problem !== null) return 'unmounted';
  if (source.secrets === 'missing' || source.secrets === 'faulty') return 'secrets';
  if (source.rejectedLastHour > 0 && !isNewer(source.lastEventAt, source.lastRejection?.at ?? null)) return 'rejects';
  if (source.silence !== null) return 'silent';
  return source.lastEventAt === null ? 'waiting' : 'ok';
}

function isNewer(one: string | null, other: string | null): boolean {
  return one !== null && (other === null || Date.parse(one) > Date.parse(other));
}

export function SourceState({ source }: { source: Source }) {
  const { sources } = useWords();
  const state = stateOf(source);
  return <Badge tone={tones[state]}>{sources.states[state]}</Badge>;
}
