import './definition.css';
import { useMemo, useState } from 'preact/hooks';
import { graphOf } from '../../../authoring/definition-graph.ts';
import type { Definition } from '../../../language/definition.ts';
import type { StepCoverage } from '../../../simulator/definition-tests/coverage.ts';
import type { components } from '../../../cli/api-types.ts';
import { api, answerOf } from '../../app/api.ts';
import { Link } from '../../app/link.tsx';
import { listLink, useSegments } from '../../app/links.ts';
import { useLive } from '../../app/live.ts';
import { useLoad } from '../../app/use-load.ts';
import { Badge } from '../../parts/badge.tsx';
import { Card } from '../../parts/card.tsx';
import { Copy } from '../../parts/copy.tsx';
import { Editor } from '../../parts/editor/editor.tsx';
import { Graph } from '../../parts/graph/graph.tsx';
import { localOf, rulesOf } from '../../parts/graph/rules-of.ts';
import { Load } from '../../parts/load.tsx';
import { Loading } from '../../parts/loading.tsx';
import { Note } from '../../parts/note.tsx';
import { Page } from '../../parts/page.tsx';
import { Tabs } from '../../parts/tabs.tsx';
import { Time } from '../../parts/time.tsx';
import { useWords } from '../../words/words.ts';
import { coveredStates } from '../playground/covered-states.ts';
import { TestsView } from '../playground/tests.tsx';
import { useWorkshop } from '../playground/use-workshop.ts';
import { changesBetween } from './changes.ts';
import { MigrateRuns } from './migrate-runs.tsx';
import { sourceText, lineOfStep } from './source-text.ts';
import { stepWords } from './step-words.ts';
import { triggerText } from './trigger-text.ts';

type Shown = components['schemas']['Definition'];
type Version = components['schemas']['DefinitionVersion'];
type Bench = components['schemas']['Workbench'];
type Activity = Bench['activities'][number];

/** One definition: its graph beside its source, and the versions that were served. */
export default function DefinitionPage() {
  const { definitions, playground } = useWords();
  const [name = ''] = useSegments();
  const params = { path: { definition: name } };
  const shown = useLoad(name, (signal) => answerOf(api.GET('/definitions/{definition}', { signal, params })));
  const bench = useLoad('workbench', (signal) => answerOf(api.GET('/workbench', { signal })));
  useLive(['status'], shown.reload);
  return (
    <Page
      title={name}
      up={{ href: '/definitions', title: definitions.title }}
      about={shown.data !== null && <About shown={shown.data} />}
      actions={
        <>
          <Link class="button plain" href={listLink('/runs', { definition: name })}>
            {definitions.toRuns}
          </Link>
          <MigrateRuns name={name} />
          <Link class="button primary" href={listLink('/playground', { definition: name })}>
            {playground.openHere}
          </Link>
        </>
      }
    >
      <Load of={shown}>{(loaded) => <Views definition={loaded.definition as Definition} bench={bench.data} />}</Load>
      <Versions name={name} activities={bench.data?.activities ?? []} />
    </Page>
  );
}

function About({ shown: { hash, startedBy, title, definition } }: { shown: Shown }) {
  const { definitions } = useWords();
  return (
    <>
      {title !== null && <span>{title}</span>}
      <Badge tone="idle">{definitions.startedBy[startedBy]}</Badge>
      <span class="break">{triggerText((definition as Definition).on)}</span>
      <span class="mono" title={hash}>
        {hash.slice(0, 12)}
      </span>
      <Copy text={hash} what={definitions.hash} />
    </>
  );
}

function Views({ definition, bench }: { definition: Definition; bench: Bench | null }) {
  const { definitions, playground } = useWords();
  const [step, choose] = useState<string | null>(null);
  const [covered, setCovered] = useState<readonly StepCoverage[] | null>(null);
  const states = useMemo(() => coveredStates(covered, playground), [covered, playground]);
  const graph = useMemo(() => graphOf(definition, rulesOf(bench?.activities ?? [])), [definition, bench]);
  const text = useMemo(() => sourceText(definition), [definition]);
  const line = step === null ? null : lineOfStep(text, step);
  return (
    <div class="columns even">
      <Card title={definitions.graph} isFlush>
        <Graph graph={graph} label={definitions.graph} states={states} selected={step} onSelect={choose} />
      </Card>
      <Card isFlush>
        <Tabs
          label={definitions.views}
          tabs={[
            {
              id: 'steps',
              label: definitions.stepByStep,
              content: () => <Steps definition={definition} selected={step} choose={choose} />,
            },
            {
              id: 'source',
              label: definitions.source,
              content: () => <Editor text={text} label={definitions.source} reveal={line} />,
            },
            {
              id: 'tests',
              label: playground.tests,
              content: () => (
                <Tests {...{ bench, text }} name={definition.name} onStep={choose} onCovered={setCovered} />
              ),
            },
          ]}
        />
      </Card>
    </div>
  );
}

/** The tests beside the definition, with what they cover. */
function Tests({
  bench,
  name,
  text,
  onStep,
  onCovered,
}: {
  bench: Bench | null;
  name: string;
  text: string;
  onStep: (step: string) => void;
  onCovered: (steps: readonly StepCoverage[] | null) => void;
}) {
  const workshop = useWorkshop(bench);
  const params = { path: { definition: name } };
  const tests = useLoad(name, (signal) => answerOf(api.GET('/definitions/{definition}/tests', { signal, params })));
  useLive(['status'], tests.reload);
  return (
    <Load of={tests}>
      {({ text: written }) =>
        workshop === null ? <Loading /> : <TestsView {...{ workshop, text, onStep, onCovered }} tests={written ?? ''} />
      }
    </Load>
  );
}

/** What each step does, in words. */
function Steps({
  definition,
  selected,
  choose,
}: {
  definition: Definition;
  selected: string | null;
  choose: (step: string) => void;
}) {
  return (
    <ol class="steps">
      {stepWords(definition).map(({ id, depth, list, words }) => (
        <li key={id} class={id === selected ? 'step selected' : 'step'}>
          <svg class="step-indent" width={depth * 14} height="1" aria-hidden="true" />
          <div>
            {list !== null && <p class="small faint break">{list}</p>}
            <button type="button" class="step-id" aria-pressed={id === selected} onClick={() => choose(id)}>
              {id}
            </button>{' '}
            <span class="break">{words}</span>
          </div>
        </li>
      ))}
    </ol>
  );
}

function Versions({ name, activities }: { name: string; activities: Activity[] }) {
  const { definitions } = useWords();
  const params = { path: { definition: name } };
  const versions = useLoad(name, (signal) =>
    answerOf(api.GET('/definitions/{definition}/versions', { signal, params })),
  );
  useLive(['runs', 'status'], versions.reload);
  return (
    <Card title={definitions.versions}>
      <Load of={versions}>
        {({ items }) => (
          <ol class="versions">
            {items.map((version, index) => (
              <VersionItem key={version.hash} version={version} before={items[index + 1]} activities={activities} />
            ))}
          </ol>
        )}
      </Load>
    </Card>
  );
}

function VersionItem({
  version,
  before,
  activities,
}: {
  version: Version;
  before: Version | undefined;
  activities: Activity[];
}) {
  const { definitions } = useWords();
  const changes = useMemo(
    () =>
      before === undefined
        ? []
        : changesBetween(before.definition as Definition, version.definition as Definition, localOf(activities)),
    [version, before, activities],
  );
  return (
    <li class="version">
      <div class="row">
        <span class="mono" title={version.hash}>
          {version.hash.slice(0, 12)}
        </span>
        {version.isServed && <Badge tone="ok">{definitions.served}</Badge>}
        <span>{definitions.runs(String(version.runs))}</span>
        <span class="faint small">
          {definitions.firstSeen} <Time at={version.firstSeenAt} />
        </span>
      </div>
      {before === undefined ? (
        <p class="faint small">{definitions.firstVersion}</p>
      ) : (
        <ul class="changes">
          {changes.map((change, index) => (
            <li key={index} class="break">
              {change}
            </li>
          ))}
          {changes.length === 0 && <Note>{definitions.noChanges}</Note>}
        </ul>
      )}
    </li>
  );
}
