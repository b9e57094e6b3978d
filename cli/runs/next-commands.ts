import type { RunDetails, ShownValue, StepDetails } from '../../language/run-details.ts';
import type { components } from '../api-types.ts';
import { quoted } from '../quoted-argument.ts';

/** As the API answers it, with the run's own types for what it tells about itself. */
export type FullRun = Omit<components['schemas']['FullRun'], 'details' | 'result'> & {
  details: RunDetails | null;
  result: ShownValue | null;
};

/** Of which the commands are shown; the others take the same. */
const mostSteps = 3;
const why = '--reason "…"';

/** The commands that apply to a run as it is, each with what it does. */
export function nextCommands(run: FullRun): { command: string; what: string }[] {
  const id = quoted(run.workflowId);
  const { details } = run;
  const refused = run.deliveries
    .filter(({ state }) => state === 'refused')
    .slice(0, mostSteps)
    .map((each) => ({ command: `kait deliveries retry ${quoted(each.id)}`, what: 'send the webhook again' }));
  if (run.temporal === 'unreachable') return [{ command: 'kait status', what: 'see what is wrong with Temporal' }];
  if (run.temporal === 'gone') {
    const event = `kait events show ${quoted(run.source)} ${quoted(run.eventId)}`;
    return [{ command: event, what: 'see its event, and what else became of it' }, ...refused];
  }
  if (run.closedAt !== null) return [...afterEnd(run, id), ...refused];
  if (details === null) return [{ command: 'kait status', what: 'see which workers are away' }, ...refused];
  const steps = new Map(allSteps([details.steps, ...details.others.map((each) => each.steps)].flat()));
  const open = details.commandable.slice(0, mostSteps).filter(({ key }) => !details.asking.includes(key));
  return [
    ...(details.paused === null ? [] : [{ command: `kait runs resume ${id} ${why}`, what: 'end the pause' }]),
    ...approvals(run, id),
    ...open.flatMap(({ key, state }) => {
      const call = run.calls.find((each) => each.key === key);
      const isRetried = state === 'parked' || (call?.attempt ?? 1) > 1;
      return ofStep(`${id} ${quoted(key)}`, { state, isRetried, step: steps.get(key.split('/')[0] ?? '') });
    }),
    ...(details.paused === null
      ? [{ command: `kait runs pause ${id} ${why}`, what: 'let no further step begin' }]
      : []),
    { command: `kait runs cancel ${id} ${why}`, what: 'end it; what it did is undone if its definition says so' },
    ...refused,
  ];
}

function afterEnd(run: FullRun, id: string): { command: string; what: string }[] {
  const later = run.retries.find(({ of, state }) => of === run.workflowId && state !== 'refused');
  if (later !== undefined)
    return [{ command: `kait runs show ${quoted(later.run)}`, what: 'see the run that goes on from it' }];
  if (run.status === 'COMPLETED') return [{ command: `kait runs explain ${id}`, what: 'see why it went this way' }];
  if (run.parent !== null) return [{ command: `kait runs show ${quoted(run.parent)}`, what: 'see the run above it' }];
  return [
    { command: `kait runs retry ${id} --dry-run`, what: 'see from which step it would go on' },
    { command: `kait runs retry ${id} ${why}`, what: 'have it go on from there' },
  ];
}

function approvals({ details, approvals: asked }: FullRun, id: string): { command: string; what: string }[] {
  const open = (details?.asking ?? []).slice(0, mostSteps);
  return open.flatMap((step) => {
    const question = asked.find((each) => each.step === step)?.question ?? step;
    return [
      { command: `kait approve ${id} ${quoted(step)} --by "…"`, what: `answer yes: ${question}` },
      { command: `kait reject ${id} ${quoted(step)} --by "…"`, what: 'answer no' },
    ];
  });
}

function ofStep(
  which: string,
  {
    state,
    isRetried,
    step,
  }: { state: 'parked' | 'calling' | 'waiting'; isRetried: boolean; step: StepDetails | undefined },
): { command: string; what: string }[] {
  if (state === 'calling' && !isRetried) return [];
  const isCall = step !== undefined && ['call', 'http', 'emit'].includes(step.verb);
  return [
    ...(state === 'waiting' ? [] : [{ command: `kait runs retry ${which} ${why}`, what: 'try the step again now' }]),
    ...(state === 'waiting' || !isCall
      ? []
      : [{ command: `kait runs edit-input ${which} --input '{…}' ${why}`, what: 'try it with another input' }]),
    { command: `kait runs set-result ${which} --result '{…}' ${why}`, what: 'give its result, if you know it' },
    { command: `kait runs skip ${which} ${why}`, what: 'go on without it' },
  ];
}

/** All steps, by their ids. */
export function allSteps(steps: readonly StepDetails[]): [string, StepDetails][] {
  return steps.flatMap((step): [string, StepDetails][] => [
    [step.id, step],
    ...step.branches.flatMap((branch) => allSteps(branch.steps)),
  ]);
}
