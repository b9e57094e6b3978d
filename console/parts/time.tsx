import { signal } from '@preact/signals';
import { useWords } from '../words/words.ts';
import { fullTime, relativeTime } from './format.ts';

/** The present, for what is shown relative to it. */
const now = signal(Date.now());
setInterval(() => (now.value = Date.now()), 10_000);

/** A time, relative to now or in the viewer's zone. Both are told on hover, with UTC. */
export function Time({ at, isFull = false }: { at: string | null; isFull?: boolean }) {
  const { locale, parts } = useWords();
  const atMs = at === null ? Number.NaN : Date.parse(at);
  if (at === null || Number.isNaN(atMs)) return <span class="faint">—</span>;
  const local = fullTime(atMs, locale);
  return (
    <time class="nowrap" dateTime={at} title={`${local}\n${parts.utc(fullTime(atMs, locale, 'UTC'))}`}>
      {isFull ? local : relativeTime(atMs, now.value, locale)}
    </time>
  );
}
