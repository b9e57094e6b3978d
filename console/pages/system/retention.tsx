import type { components } from '../../../cli/api-types.ts';
import { Card } from '../../parts/card.tsx';
import { duration, number } from '../../parts/format.ts';
import { Note } from '../../parts/note.tsx';
import { Table } from '../../parts/table.tsx';
import { Time } from '../../parts/time.tsx';
import { useWords } from '../../words/words.ts';

type Described = components['schemas']['System']['retention'];
type Rule = Described['rules'][number];

/** What is kept for how long, and what the last sweep has removed. */
export function Retention({ retention: { everySeconds, problem, rules } }: { retention: Described }) {
  const { locale, system } = useWords();
  return (
    <Card title={system.retention} isFlush>
      <p class="inset muted">{system.retentionWhat(duration(everySeconds * 1_000, locale))}</p>
      {problem !== null && (
        <div class="inset">
          <Note tone="warn" title={system.retentionFailed}>
            <p class="break">{problem}</p>
          </Note>
        </div>
      )}
      <Table
        caption={system.retention}
        rows={rules}
        keyOf={({ subject, source }) => `${subject} ${source ?? ''}`}
        columns={[
          {
            head: system.kept,
            isWide: true,
            cell: ({ subject, source, tables }) => (
              <>
                <span title={tables.join(', ')}>{system.subjects[subject]}</span>
                {source !== null && <span class="second">{source}</span>}
              </>
            ),
          },
          { head: system.keptFor, cell: (rule) => <KeptFor rule={rule} /> },
          { head: system.lastRun, cell: ({ lastAt }) => <Time at={lastAt} /> },
          {
            head: system.removed,
            align: 'right',
            cell: ({ removed }) => (removed === null ? <span class="faint">—</span> : number(removed, locale)),
          },
        ]}
      />
    </Card>
  );
}

function KeptFor({ rule: { keepSeconds, atMost, untilForgotten } }: { rule: Rule }) {
  const { locale, system } = useWords();
  const time =
    keepSeconds === null
      ? system.forEver
      : keepSeconds === 0
        ? untilForgotten
          ? system.untilForgotten
          : system.untilExpired
        : duration(keepSeconds * 1_000, locale);
  return (
    <>
      {time}
      {untilForgotten && keepSeconds !== 0 && <span class="second">{system.andUntilForgotten}</span>}
      {atMost !== null && <span class="second">{system.atMost(number(atMost, locale))}</span>}
    </>
  );
}
