import './endpoints.css';
import { useWords } from '../../words/words.ts';

/** The types of events that an endpoint wants. */
export function Patterns({ patterns, most = 50 }: { patterns: readonly string[]; most?: number }) {
  const { parts } = useWords();
  return (
    <span class="patterns" title={patterns.slice(most).join(', ') || undefined}>
      {patterns.slice(0, most).map((pattern) => (
        <span class="chip break" key={pattern}>
          {pattern}
        </span>
      ))}
      {patterns.length > most && <span class="faint small">{parts.moreItems(patterns.length - most)}</span>}
    </span>
  );
}
