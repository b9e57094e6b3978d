import { Badge } from '../../parts/badge.tsx';
import { useWords } from '../../words/words.ts';
import { conditionOf, conditionTones, type Endpoint } from './condition.ts';

/** How an endpoint is. */
export function ConditionBadge({ endpoint }: { endpoint: Pick<Endpoint, 'state' | 'openUntil' | 'failingSince'> }) {
  const { endpoints } = useWords();
  const condition = conditionOf(endpoint, Date.now());
  return <Badge tone={conditionTones[condition]}>{endpoints.conditions[condition]}</Badge>;
}
