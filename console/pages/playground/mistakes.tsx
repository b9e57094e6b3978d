import type { Finding } from '../../../language/finding.ts';
import { Note } from '../../parts/note.tsx';
import { useWords } from '../../words/words.ts';

/** Why nothing was run: the first mistakes of what was written. */
export function Mistakes({
  where,
  findings,
}: {
  where: 'draft' | 'event' | 'answers' | 'later' | 'tests';
  findings: readonly Finding[];
}) {
  const { playground } = useWords();
  return (
    <Note tone="warn" title={playground.mistakesIn[where]}>
      {findings.slice(0, 5).map(({ line, message }, index) => (
        <p key={index} class="break">
          {playground.line(line)}: {message}
        </p>
      ))}
    </Note>
  );
}
