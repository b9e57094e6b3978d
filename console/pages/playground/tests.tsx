import './playground.css';
import { useEffect, useState } from 'preact/hooks';
import type { StepCoverage } from '../../../simulator/definition-tests/coverage.ts';
import { Badge } from '../../parts/badge.tsx';
import { Button } from '../../parts/button.tsx';
import { Code } from '../../parts/code.tsx';
import { Editor } from '../../parts/editor/editor.tsx';
import { Loading } from '../../parts/loading.tsx';
import { Note } from '../../parts/note.tsx';
import { useWords } from '../../words/words.ts';
import { Mistakes } from './mistakes.tsx';
import { useSoon } from './use-soon.ts';
import type { Tested, TestOutcome } from './worker/protocol.ts';
import { problemOf, type Workshop } from './workshop.ts';

interface TestsProps {
  workshop: Workshop;
  /** The definition. */
  text: string;
  /** The text of its test file. Empty: it has none. */
  tests: string;
  /** Without it, the tests can only be read. */
  onChange?: (tests: string) => void;
  onStep: (step: string) => void;
  /** Told what the tests cover, and null when nothing is known of it any more. */
  onCovered?: (steps: readonly StepCoverage[] | null) => void;
}

/** The tests of a definition, which run here as `kait test` runs them, and what they cover. They run again as soon as anything changes. */
export function TestsView({ workshop, text, tests, onChange, onStep, onCovered }: TestsProps) {
  const { playground } = useWords();
  const { tested, problem } = useTested(workshop, text, tests);
  const steps = tested?.kind === 'ran' ? tested.steps : null;
  useEffect(() => {
    onCovered?.(steps);
    return () => onCovered?.(null);
  }, [steps]);
  return (
    <div class="stack">
      {tests === '' ? (
        <>
          <p class="muted">{playground.noTests}</p>
          {onChange !== undefined && (
            <p>
              <Button icon="plus" onClick={() => onChange(firstTests)}>
                {playground.beginTests}
              </Button>
            </p>
          )}
        </>
      ) : (
        <>
          <div role="status" class="stack">
            {problem !== null && <Note tone="bad" title={problem} />}
            {tested === null && problem === null && <Loading />}
            {tested?.kind === 'mistakes' && <Mistakes {...tested} />}
            {tested?.kind === 'ran' && <Summary {...tested} />}
          </div>
          {tested?.kind === 'ran' && <Results {...tested} onStep={onStep} />}
          <details class="given">
            <summary>{playground.testFile}</summary>
            <Editor text={tests} label={playground.testFile} {...(onChange !== undefined && { onChange })} />
          </details>
        </>
      )}
    </div>
  );
}

type Ran = Extract<Tested, { kind: 'ran' }>;

function Summary({ results, coverage: { covered, total } }: Ran) {
  const { playground } = useWords();
  const failed = results.filter(({ differences }) => differences.length > 0).length;
  return (
    <p class="row">
      <Badge tone={failed === 0 ? 'ok' : 'bad'}>{playground.passed(results.length - failed, results.length)}</Badge>
      {total > 0 && (
        <Badge tone={covered === total ? 'ok' : 'warn'}>{playground.branchesCovered(covered, total)}</Badge>
      )}
    </p>
  );
}

function Results({ results, steps, onStep }: Ran & { onStep: (step: string) => void }) {
  const { playground } = useWords();
  return (
    <>
      <ol class="tests" aria-label={playground.tests}>
        {results.map((outcome) => (
          <Result key={outcome.name} {...outcome} />
        ))}
      </ol>
      <h3>{playground.coverage}</h3>
      <ol class="tests" aria-label={playground.coverage}>
        {steps.map((step) => (
          <Covered key={step.step} {...step} onStep={onStep} />
        ))}
      </ol>
    </>
  );
}

function Result({ name, differences, end }: TestOutcome) {
  const { playground } = useWords();
  const isGood = differences.length === 0;
  return (
    <li>
      <Badge tone={isGood ? 'ok' : 'bad'}>{isGood ? playground.passes : playground.fails}</Badge>
      <div class="test-body break">
        {name}
        <span class="faint small">
          {' '}
          {end === null
            ? playground.startsNothing
            : playground.ended(
                playground.outcomes[end.isCutOff ? 'cutOff' : end.status],
                end.after.slice(1),
                end.steps,
              )}
        </span>
        {!isGood && <Code text={differences.join('\n')} what={playground.differences} />}
      </div>
    </li>
  );
}

function Covered({ step, tests, branches, onStep }: StepCoverage & { onStep: (step: string) => void }) {
  const { playground } = useWords();
  return (
    <li>
      <div class="test-body break">
        {tests === null ? (
          <strong>{playground.wholes[step === 'on' ? 'on' : 'run']}</strong>
        ) : (
          <button type="button" class="step-id" onClick={() => onStep(step)}>
            {step}
          </button>
        )}{' '}
        {tests !== null && (
          <span class={tests === 0 ? 'uncovered small' : 'faint small'}>{playground.inTests(tests)}</span>
        )}
        {branches.length > 0 && (
          <ul class="branches">
            {branches.map(({ what, isCovered }, index) => (
              <li key={index}>
                <Badge tone={isCovered ? 'ok' : 'warn'}>{what}</Badge>
                {!isCovered && <span class="visually-hidden">{playground.notCovered}</span>}
              </li>
            ))}
          </ul>
        )}
      </div>
    </li>
  );
}

function useTested(workshop: Workshop, text: string, tests: string): { tested: Tested | null; problem: string | null } {
  const { playground } = useWords();
  const [state, setState] = useState<{ tested: Tested | null; problem: string | null }>(nothing);
  const soon = useSoon(350);
  useEffect(() => {
    if (tests === '') return setState(nothing);
    return soon(async (isLatest) => {
      try {
        const tested = await workshop.ask('test', { text, tests });
        // A draft with mistakes leaves the last results in place: somebody is typing.
        if (!isLatest()) return;
        setState((before) => ({
          tested: tested.kind === 'mistakes' && tested.where === 'draft' ? (before.tested ?? tested) : tested,
          problem: null,
        }));
      } catch (error) {
        if (isLatest()) setState({ tested: null, problem: problemOf(error, playground) });
      }
    });
  }, [workshop, text, tests]);
  return state;
}

const nothing = { tested: null, problem: null };

const firstTests = `{
  "tests": [
    {
      "name": "completes",
      "expect": { "status": "completed" }
    }
  ]
}
`;
