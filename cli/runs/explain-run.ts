import pc from 'picocolors';
import { KaitError } from '../../errors.ts';
import { printable } from '../../language/printable.ts';
import type { ShownDecision, StepDetails } from '../../language/run-details.ts';
import { decisionLine, type RunFormat, standingOf } from './format-run.ts';
import { allSteps, type FullRun } from './next-commands.ts';
import { wrapped } from './wrapped.ts';

/**
 * Why each step of a run, or one of them, came to be as it is: what its conditions saw, and why it was skipped, failed or not reached. Throws
 * KAIT_USAGE if the run has no such step or tells nothing about itself.
 */
export function explainRun(run: FullRun, step: string | undefined, format: RunFormat): string {
  const { details } = run;
  if (details === null) throw new KaitError('KAIT_USAGE', run.missing ?? 'The run tells nothing about itself.');
  const lists = [details.steps, ...details.others.map((each) => each.steps)].flat();
  const steps = allSteps(lists).map(([, each]) => each);
  const id = step?.split('/', 1)[0];
  const wanted = id === undefined ? steps : steps.filter((each) => each.id === id);
  if (wanted.length === 0) {
    const known = steps.map((each) => each.id).slice(0, 30);
    throw new KaitError(
      'KAIT_USAGE',
      `The run has no step "${printable(step ?? '')}". It has: ${printable(known.join(', '))}.`,
    );
  }
  const above = parentsOf(lists);
  const since = details.remembersSince;
  return [
    `${pc.bold(printable(run.definition))}  ${standingOf(run)}`,
    ...(since === null
      ? []
      : [pc.dim(`It continued as new at ${printable(since)}; what was decided before is not known.`)]),
    ...wanted.flatMap((each) => ['', ...explained(each, { run, above, format, details })]),
  ].join('\n');
}

interface Sight {
  run: FullRun;
  details: NonNullable<FullRun['details']>;
  above: Map<string, { step: StepDetails; label: string }>;
  format: RunFormat;
}

function explained(step: StepDetails, sight: Sight): string[] {
  const { details, format } = sight;
  const own = details.decisions.filter((each) => each.step === step.id);
  return [
    `${pc.bold(printable(step.id))}  ${step.status}`,
    ...own.flatMap((each) => decisionLine(each, '  ', format)),
    ...wrapped('  ', why(step, own, sight), format.width),
  ];
}

function why(step: StepDetails, own: ShownDecision[], sight: Sight): string {
  switch (step.status) {
    case 'skipped':
      return whySkipped(step, own, sight);
    case 'pending':
      return whyPending(step, sight);
    case 'failed':
    case 'canceled':
    case 'parked':
      return `It ${step.status === 'parked' ? 'failed, and is parked' : `was ${step.status}`.replace('was failed', 'failed')}: ${step.error ?? 'the run does not say why'}.`.replace(
        /\.\.$/,
        '.',
      );
    case 'timedOut':
      return 'It was not done in time.';
    case 'running':
      return whyRunning(step, sight);
    case 'done':
      return own.length > 0 || sight.above.has(step.id) ? 'It is done.' : 'It has no condition, and is done.';
  }
}

function whySkipped(step: StepDetails, own: ShownDecision[], { run, details, above }: Sight): string {
  const command = run.audit.find((each) => each.action === 'skip' && each.step?.split('/', 1)[0] === step.id);
  if (command !== undefined) return `It was skipped by ${command.actor}: ${command.reason}.`;
  if (own.at(-1)?.value === false) return 'It was skipped, because its condition did not hold.';
  const parent = above.get(step.id);
  if (parent === undefined) return 'It was skipped: the run ended before it, at a stop or at its deadline.';
  const { step: outer, label } = parent;
  if (outer.status === 'skipped') return `It was skipped together with the step ${outer.id} around it.`;
  const decision = details.decisions.findLast((each) => each.step === outer.id);
  const because =
    decision === undefined
      ? ''
      : `: ${decision.position} was ${decision.value ? 'true' : 'false'}, as ${decision.because}`;
  return `It was skipped, because the step ${outer.id} did not take the branch "${label}"${because}.`;
}

function whyPending({ id }: StepDetails, { run, details, above }: Sight): string {
  if (run.closedAt === null) {
    const at = details.commandable.map(({ key }) => key).slice(0, 3);
    return at.length === 0
      ? 'The run has not reached it yet.'
      : `The run has not reached it yet: it is at ${at.join(', ')}.`;
  }
  const { failure } = details;
  if (failure !== null)
    return `It was not reached: the run failed${failure.step === null ? '' : ` at ${failure.step}`}.`;
  const outer = above.get(id);
  if (outer !== undefined) return `It was not reached: nothing led into "${outer.label}" of the step ${outer.step.id}.`;
  return 'It was not reached before the run ended.';
}

function whyRunning({ id, until }: StepDetails, { run, details }: Sight): string {
  if (details.asking.includes(id)) return `It waits for an answer${until === null ? '' : `, at most until ${until}`}.`;
  const call = run.calls.find(({ key }) => key === id);
  if (call?.nextAttemptAt) return `Attempt ${call.attempt} comes at ${call.nextAttemptAt}: ${call.lastFailure ?? ''}`;
  if (run.closedAt !== null) return 'It was under way when the run ended.';
  return until === null ? 'It is under way.' : `It waits, at most until ${until}.`;
}

/** The step around each step, and in which of its branches it is. */
function parentsOf(steps: readonly StepDetails[]): Map<string, { step: StepDetails; label: string }> {
  const parents = new Map<string, { step: StepDetails; label: string }>();
  for (const [, step] of allSteps(steps)) {
    for (const { label, steps: inside } of step.branches)
      for (const each of inside) parents.set(each.id, { step, label });
  }
  return parents;
}
