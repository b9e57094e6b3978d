import { Badge } from '../../parts/badge.tsx';
import { Card } from '../../parts/card.tsx';
import { Facts } from '../../parts/facts.tsx';
import { useWords } from '../../words/words.ts';
import type { components } from '../../../cli/api-types.ts';
import { schemeFacts } from './scheme-facts.ts';

export type Explained = components['schemas']['EventExplanation'];

/** Of each definition: whether the event starts a run of it, and which part of its trigger decided that. */
export function Triggers({ explained: { triggers } }: { explained: Explained }) {
  const { explained } = useWords().events;
  const sorted = [...triggers].sort((a, b) => Number(b.triggered) - Number(a.triggered));
  return (
    <Card title={explained.title}>
      <ul class="plain-list">
        {sorted.map(({ definition, triggered, by, because, error }) => (
          <li key={definition}>
            <div class="row">
              <Badge tone={error !== undefined ? 'bad' : triggered ? 'ok' : 'idle'}>
                {triggered ? explained.triggered : explained.not}
              </Badge>
              <strong class="break">{definition}</strong>
            </div>
            <p class="small muted">
              {triggered ? (by === 'if' ? explained.isMet : explained.noCondition) : explained.because[by]}
            </p>
            {because !== null && <p class="small mono break">{because}</p>}
            {error !== undefined && <p class="small break">{error}</p>}
          </li>
        ))}
      </ul>
    </Card>
  );
}

/** How requests of its gateway are verified. */
export function Verification({ event, explained }: { event: { source: string }; explained: Explained }) {
  const { verified } = useWords().events;
  const { verification } = explained;
  if (verification === null) {
    return (
      <Card title={verified.title}>
        <p class="muted">{event.source === 'kait' ? verified.own : verified.gone}</p>
      </Card>
    );
  }
  const { mode, schemes } = verification;
  return (
    <Card title={verified.title}>
      {schemes.length > 1 && <p class="muted">{mode === 'all' ? verified.all : verified.any}</p>}
      {schemes.map((scheme, index) => {
        const { name, signature, over, toleranceSeconds } = schemeFacts(scheme);
        return (
          <Facts
            key={index}
            facts={[
              [verified.signature, [name, signature].filter((part) => part !== null).join(' · ')],
              [verified.over, over !== null && <code class="break">{over}</code>],
              [verified.time, toleranceSeconds !== null && verified.tolerance(toleranceSeconds)],
            ]}
          />
        );
      })}
    </Card>
  );
}
