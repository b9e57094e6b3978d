import type { ComponentChildren } from 'preact';
import { Link } from '../../app/link.tsx';
import { runLink } from '../../app/links.ts';
import { Badge } from '../../parts/badge.tsx';
import { Card } from '../../parts/card.tsx';
import { Facts } from '../../parts/facts.tsx';
import { duration } from '../../parts/format.ts';
import { Note } from '../../parts/note.tsx';
import { Tabs } from '../../parts/tabs.tsx';
import { Time } from '../../parts/time.tsx';
import { stepTones } from '../../parts/tones.ts';
import { useWords } from '../../words/words.ts';
import { type FullRun, type RunStep, runName, stepOfKey } from './run-state.ts';
import { Shown } from './shown-value.tsx';
import { StepCommands } from './step-commands-row.tsx';

/** Everything that is known of a step, and what can be done about it. */
export function StepPanel({ run, step, reload }: { run: FullRun; step: RunStep; reload: () => Promise<void> }) {
  const { runs, locale } = useWords();
  const words = runs.step;
  const decisions = (run.details?.decisions ?? []).filter((decision) => decision.step === step.id);
  const calls = run.calls.filter(({ key }) => stepOfKey(key) === step.id);
  const isAsking = run.details?.asking.some((key) => stepOfKey(key) === step.id) ?? false;
  const { startedAt, endedAt } = step;
  return (
    <Card
      title={step.title === step.id ? step.id : `${step.title} (${step.id})`}
      actions={<Badge tone={stepTones[step.status]}>{runs.stepStates[step.status]}</Badge>}
    >
      {step.error !== null && <Note tone="bad" title={step.error} />}
      {step.inDoubt && <Note tone="warn">{words.inDoubt}</Note>}
      {isAsking && (
        <Note tone="info">
          <span>{words.approval} </span>
          <Link href="/approvals">{words.toApprovals}</Link>
        </Note>
      )}
      <StepCommands run={run} step={step} reload={reload} />
      <div class="step-body">
        <Facts
          facts={[
            [words.verb, [step.verb, step.what].filter(Boolean).join(' · ')],
            [words.started, startedAt !== null && <Time at={startedAt} isFull />],
            [words.ended, endedAt !== null && <Time at={endedAt} isFull />],
            [
              words.took,
              startedAt !== null && endedAt !== null && duration(Date.parse(endedAt) - Date.parse(startedAt), locale),
            ],
            [words.until, step.until !== null && <Time at={step.until} isFull />],
            [words.items, step.items !== null && words.itemsOf(step.items.done, step.items.failed, step.items.count)],
            [words.undone, step.undone !== null && words.undoneStates[step.undone]],
            [
              words.child,
              step.child !== null && <Link href={runLink(step.child)}>{`${runName(step.child)} · ${step.child}`}</Link>,
            ],
            ...calls.flatMap((call): [string, ComponentChildren][] => [
              [
                call.key === step.id ? words.attempts : `${words.attempts} ${call.key}`,
                words.attemptOf(call.attempt, call.mostAttempts),
              ],
              [words.next, call.nextAttemptAt === null ? words.underWay : <Time at={call.nextAttemptAt} />],
              [words.lastFailure, call.lastFailure],
            ]),
            ...step.open.map((passage): [string, ComponentChildren] => [
              `${words.open} ${passage.key}`,
              passage.steps.map(({ id, status }) => `${id}: ${runs.stepStates[status]}`).join(', '),
            ]),
          ]}
        />
        <Tabs
          label={words.views}
          tabs={[
            {
              id: 'input',
              label: words.input,
              content: () => <Shown value={step.input} what={words.input} none={words.noInput} />,
            },
            {
              id: 'output',
              label: words.output,
              content: () => <Shown value={step.output} what={words.output} none={words.noOutput} />,
            },
            {
              id: 'guard',
              label: words.guard,
              content: () =>
                decisions.length === 0 ? (
                  <p class="muted">{words.noGuard}</p>
                ) : (
                  <ul class="plain-list">
                    {decisions.map(({ key, position, value, because, at }, index) => (
                      <li key={index}>
                        <div class="row">
                          <Badge tone={value ? 'ok' : 'idle'}>{value ? words.yes : words.no}</Badge>
                          <span class="faint small">
                            {position}
                            {key === step.id ? '' : ` · ${key}`}
                          </span>
                          <Time at={at} />
                        </div>
                        <p class="mono break">{because}</p>
                      </li>
                    ))}
                  </ul>
                ),
            },
          ]}
        />
      </div>
    </Card>
  );
}
