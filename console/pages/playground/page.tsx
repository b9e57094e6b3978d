import './playground.css';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { useSearchParams } from 'wouter-preact';
import type { DefinitionGraph } from '../../../authoring/definition-graph.ts';
import type { Definition } from '../../../language/definition.ts';
import type { Finding } from '../../../language/finding.ts';
import { api, answerOf } from '../../app/api.ts';
import { ApiError } from '../../app/send.ts';
import { useLoad } from '../../app/use-load.ts';
import { Badge } from '../../parts/badge.tsx';
import { Button } from '../../parts/button.tsx';
import { Card } from '../../parts/card.tsx';
import type { Completer } from '../../parts/editor/code-mirror.ts';
import { Editor } from '../../parts/editor/editor.tsx';
import { Graph } from '../../parts/graph/graph.tsx';
import { Load } from '../../parts/load.tsx';
import { Loading } from '../../parts/loading.tsx';
import { Note } from '../../parts/note.tsx';
import { Page } from '../../parts/page.tsx';
import { Tabs } from '../../parts/tabs.tsx';
import { useWords } from '../../words/words.ts';
import { lineOfStep, sourceText, stepAtLine } from '../definitions/source-text.ts';
import { type Base, loadBase } from './base.ts';
import { Publish } from './publish.tsx';
import { fileOf, testsOf } from './published-file.ts';
import { SimulationView } from './simulation.tsx';
import { TestsView } from './tests.tsx';
import { useSoon } from './use-soon.ts';
import { useWorkshop } from './use-workshop.ts';
import { WhatIfView } from './what-if.tsx';
import { problemOf, type Workshop } from './workshop.ts';
import type { Answers, Bench } from './worker/protocol.ts';

/** A draft of a definition: written with the checker at hand, and tried out on events, without any effect. */
export default function PlaygroundPage() {
  const { playground } = useWords();
  const [search] = useSearchParams();
  const name = search.get('definition');
  const bench = useLoad('workbench', (signal) => answerOf(api.GET('/workbench', { signal })));
  const base = useLoad('base', loadBase);
  const tests = useLoad(name ?? '', (signal) => loadTests(name, signal));
  return (
    <Page title={playground.title} about={playground.about}>
      <Load of={bench}>
        {(loaded) => (
          <Load of={base}>
            {(where) => (
              <Load of={tests}>
                {(servedTests) => (
                  <Workplace
                    key={name}
                    {...{ bench: loaded, name, servedTests, base: where, reloadBase: base.reload }}
                  />
                )}
              </Load>
            )}
          </Load>
        )}
      </Load>
    </Page>
  );
}

/** The tests of what is served under a name. */
async function loadTests(name: string | null, signal: AbortSignal): Promise<string> {
  if (name === null) return '';
  try {
    const params = { path: { definition: name } };
    return (await answerOf(api.GET('/definitions/{definition}/tests', { signal, params }))).text ?? '';
  } catch (error) {
    const isUnknown = error instanceof ApiError && [400, 404].includes(error.status);
    if (isUnknown) return ''; // Somebody has typed the name, or it is no longer served.
    throw error;
  }
}

interface WorkplaceProps {
  bench: Bench;
  /** Of the definition to begin with. Null: a new one. */
  name: string | null;
  servedTests: string;
  base: Base;
  reloadBase: () => Promise<void>;
}

function Workplace({ bench, name, servedTests, base, reloadBase }: WorkplaceProps) {
  const [begun] = useState(() => beginning({ bench, name, servedTests, base }));
  const [text, setText] = useState(begun.text);
  const [tests, setTests] = useState(begun.tests);
  const workshop = useWorkshop(bench);
  const { checked, problem } = useChecked(workshop, text);
  const [step, setStep] = useState<string | null>(null);
  const [shownLine, show] = useState<number | null>(null);
  const complete = useCompleter(bench);
  const { playground } = useWords();
  const graph = useLastGraph(checked);
  const choose = (chosen: string) => {
    setStep(chosen);
    show(lineOfStep(text, chosen));
  };
  return (
    <div class="columns even">
      <div class="stack">
        <Card
          title={playground.draft}
          isFlush
          actions={
            <Tools
              {...{ bench, text, setText, workshop, name }}
              isSound={checked !== null && checked.definition !== null}
            />
          }
        >
          <Editor
            text={text}
            label={playground.draft}
            marks={checked?.findings}
            reveal={shownLine}
            onChange={setText}
            onLine={(line) => setStep(stepAtLine(text, line))}
            complete={complete}
            isTall
          />
        </Card>
        <Findings checked={checked} problem={problem} show={show} />
        <Publish
          {...{ base, text, tests }}
          name={checked?.definition?.name ?? null}
          save={() => save(text)}
          onPublished={reloadBase}
        />
      </div>
      <Card isFlush>
        <Tabs
          label={playground.views}
          tabs={[
            {
              id: 'graph',
              label: playground.graph,
              content: () =>
                graph === null ? (
                  <p class="muted">{playground.noGraph}</p>
                ) : (
                  <Graph graph={graph} label={playground.graph} selected={step} onSelect={choose} />
                ),
            },
            {
              id: 'simulate',
              label: playground.simulate,
              content: () => workshop !== null && <SimulationView {...{ workshop, text, checked }} onStep={choose} />,
            },
            {
              id: 'tests',
              label: playground.tests,
              content: () =>
                workshop !== null && <TestsView {...{ workshop, text, tests }} onChange={setTests} onStep={choose} />,
            },
            {
              id: 'what-if',
              label: playground.whatIf,
              content: () =>
                workshop !== null && <WhatIfView {...{ workshop, text, bench }} draft={checked?.definition ?? null} />,
            },
          ]}
        />
      </Card>
    </div>
  );
}

function Tools({
  bench,
  text,
  setText,
  workshop,
  name,
  isSound,
}: {
  bench: Bench;
  text: string;
  setText: (text: string) => void;
  workshop: Workshop | null;
  name: string | null;
  isSound: boolean;
}) {
  const { playground } = useWords();
  const [, setSearch] = useSearchParams();

  async function format(): Promise<void> {
    const formatted = await workshop?.ask('format', { text }).catch(() => null);
    if (typeof formatted === 'string') setText(formatted);
  }

  return (
    <>
      <select
        class="input begin"
        aria-label={playground.open}
        value={name ?? ''}
        onChange={(event) => {
          const chosen = event.currentTarget.value;
          setSearch(chosen === '' ? {} : { definition: chosen });
        }}
      >
        <option value="">{playground.newDraft}</option>
        {Object.keys(bench.definitions)
          .sort()
          .map((each) => (
            <option key={each} value={each}>
              {each}
            </option>
          ))}
      </select>
      <Button title={playground.formatWhat} onClick={() => void format()}>
        {playground.format}
      </Button>
      <Button title={isSound ? undefined : playground.exportUnsound} onClick={() => save(text)}>
        {playground.export}
      </Button>
    </>
  );
}

function Findings({
  checked,
  problem,
  show,
}: {
  checked: Answers['check'] | null;
  problem: string | null;
  show: (line: number | null) => void;
}) {
  const { playground } = useWords();
  const findings = checked?.findings ?? [];
  return (
    <Card title={playground.findings}>
      <div role="status" class="stack">
        {problem !== null && <Note tone="bad" title={problem} />}
        {checked === null && problem === null && <Loading />}
        {checked !== null && findings.length === 0 && <Note tone="ok">{playground.noFindings}</Note>}
        {findings.length > 0 && (
          <ul class="findings">
            {findings.slice(0, mostFindings).map((finding, index) => (
              <FindingItem key={index} finding={finding} show={show} />
            ))}
          </ul>
        )}
        {findings.length > mostFindings && (
          <p class="muted">{playground.moreFindings(findings.length - mostFindings)}</p>
        )}
      </div>
    </Card>
  );
}

const mostFindings = 50;

function FindingItem({ finding, show }: { finding: Finding; show: (line: number | null) => void }) {
  const { playground } = useWords();
  const { severity, code, message, hint, line } = finding;
  return (
    <li>
      <Badge tone={severity === 'error' ? 'bad' : 'warn'}>{playground.severities[severity]}</Badge>
      <div class="break">
        <button
          type="button"
          class="step-id"
          onClick={() => {
            show(null);
            setTimeout(() => show(line));
          }}
        >
          {playground.line(line)}
        </button>{' '}
        <span class="mono faint">{code}</span> {message}
        {hint !== undefined && <p class="muted small">{hint}</p>}
      </div>
    </li>
  );
}

/** What the checker says about the text, a moment after it has changed. */
function useChecked(workshop: Workshop | null, text: string) {
  const { playground } = useWords();
  const [state, setState] = useState<{ checked: Answers['check'] | null; problem: string | null }>(nothing);
  const soon = useSoon(250);
  useEffect(() => {
    if (workshop === null) return;
    return soon(async (isLatest) => {
      try {
        const checked = await workshop.ask('check', { text });
        if (isLatest()) setState({ checked, problem: null });
      } catch (error) {
        if (isLatest()) setState({ checked: null, problem: problemOf(error, playground) });
      }
    });
  }, [workshop, text]);
  return state;
}

const nothing = { checked: null, problem: null };

/** While a draft has mistakes, the graph from before stays. */
function useLastGraph(checked: Answers['check'] | null): DefinitionGraph | null {
  const last = useRef<DefinitionGraph | null>(null);
  last.current = checked?.graph ?? last.current;
  return last.current;
}

function useCompleter(bench: Bench): Completer {
  const latest = useRef<Completer | null>(null);
  useEffect(() => {
    void import('./complete.ts').then(({ completer }) => {
      const activities = bench.activities.flatMap(({ name, callable, absent }) =>
        callable && absent === null ? [name] : [],
      );
      latest.current = completer({ activities, definitions: Object.keys(bench.definitions) });
    });
  }, [bench]);
  return useMemo<Completer>(() => (before) => latest.current?.(before) ?? null, []);
}

function save(text: string): void {
  const name = /"name"\s*:\s*"([a-z0-9-]{1,64})"/.exec(text)?.[1] ?? 'draft';
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
  link.download = `${name}.json`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** The text of the newest set, with its comments; else what is served, in the layout of `kait fmt`. */
function beginning({ bench, name, servedTests, base }: Omit<WorkplaceProps, 'reloadBase'>): {
  text: string;
  tests: string;
} {
  if (name === null) return { text: firstDraft, tests: '' };
  if (base.kind === 'set') {
    const file = fileOf(base.files, name);
    if (file.text !== null) return { text: file.text, tests: testsOf(base.files, file).text ?? '' };
  }
  const served = Object.hasOwn(bench.definitions, name) ? (bench.definitions[name] as Definition) : undefined;
  return served === undefined ? { text: firstDraft, tests: '' } : { text: sourceText(served), tests: servedTests };
}

const firstDraft = `{
  "name": "thank-customer",
  "on": { "event": "payment.succeeded" },
  "steps": [
    { "id": "pause", "wait": "1h" },
    {
      "id": "thank",
      "if": { ">=": [{ "var": "event.payment.amount" }, 100000] },
      "emit": "customer.thanked",
      "with": { "orderId": "{{event.payment.orderId}}" }
    }
  ]
}
`;
