import { api, answerOf } from '../../app/api.ts';
import { Link } from '../../app/link.tsx';
import { definitionLink } from '../../app/links.ts';
import { useLive } from '../../app/live.ts';
import { useLoad } from '../../app/use-load.ts';
import { Badge } from '../../parts/badge.tsx';
import { Card } from '../../parts/card.tsx';
import { Code } from '../../parts/code.tsx';
import { Empty } from '../../parts/empty.tsx';
import { Load } from '../../parts/load.tsx';
import { Note } from '../../parts/note.tsx';
import { Page } from '../../parts/page.tsx';
import { Table } from '../../parts/table.tsx';
import { Time } from '../../parts/time.tsx';
import { useWords } from '../../words/words.ts';
import type { components } from '../../../cli/api-types.ts';
import { triggerText } from './trigger-text.ts';

type Listed = components['schemas']['DefinitionInList'];
type Faulty = components['schemas']['FaultyDefinition'];

/** The definitions that are served, what starts them, and how much they run. */
export default function DefinitionList() {
  const { definitions } = useWords();
  const list = useLoad('definitions', (signal) => answerOf(api.GET('/definitions', { signal })));
  useLive(['runs', 'status'], list.reload);
  return (
    <Page title={definitions.title}>
      <Load of={list}>
        {({ items, faulty }) => (
          <>
            {faulty.map((each) => (
              <Fault key={each.file} {...each} />
            ))}
            <Card isFlush>{items.length === 0 ? <None /> : <Definitions items={items} />}</Card>
          </>
        )}
      </Load>
    </Page>
  );
}

function Definitions({ items }: { items: Listed[] }) {
  const { definitions } = useWords();
  const { columns } = definitions;
  return (
    <Table
      caption={definitions.title}
      rows={items}
      keyOf={({ name }) => name}
      hrefOf={({ name }) => definitionLink(name)}
      columns={[
        {
          head: columns.name,
          cell: ({ name, title }) => (
            <>
              {name}
              {title !== null && <span class="second">{title}</span>}
            </>
          ),
        },
        {
          head: columns.trigger,
          isWide: true,
          cell: ({ startedBy, trigger }) => (
            <span class="row">
              <Badge tone="idle">{definitions.startedBy[startedBy]}</Badge>
              <span class="break">{triggerText(trigger)}</span>
            </span>
          ),
        },
        { head: columns.steps, align: 'right', cell: ({ steps }) => definitions.steps(steps) },
        { head: columns.runs, align: 'right', cell: ({ runs }) => <Runs {...runs} /> },
        { head: columns.lastRun, cell: ({ runs: { lastAt } }) => lastAt !== null && <Time at={lastAt} /> },
      ]}
    />
  );
}

function Runs({ present, earlier }: Listed['runs']) {
  const { definitions } = useWords();
  const all = present + earlier;
  return (
    <>
      {definitions.runs(all >= 1_000 ? '1,000+' : String(all))}
      {earlier > 0 && <span class="second">{definitions.ofEarlier(earlier)}</span>}
    </>
  );
}

function Fault({ file, problem, servesLastGood }: Faulty) {
  const { definitions } = useWords();
  return (
    <Note
      tone={servesLastGood ? 'warn' : 'bad'}
      title={file === '' ? definitions.faultyFolder : definitions.faultyFile(file)}
    >
      <p>{servesLastGood ? definitions.servesLastGood : definitions.eventsWait}</p>
      <Code text={problem} what={definitions.findings} />
    </Note>
  );
}

function None() {
  const { definitions, playground } = useWords();
  return (
    <Empty icon="definition" title={definitions.none}>
      <p>{definitions.noneWhat}</p>
      <Link href="/playground">{playground.title}</Link>
    </Empty>
  );
}
