import { expect, it } from 'vitest';
import { explainRun } from '../../../cli/runs/explain-run.ts';
import type { StepDetails } from '../../../language/run-details.ts';
import { details, run, step } from './sample-run.ts';

const format = { width: 100, nowMs: 0, utc: true };
const no = (id: string) => ({
  ...{ key: id, step: id, position: 'if', value: false, because: 'event.payment.amount (5) > 10' },
  at: '2026-01-01T00:00:00.000Z',
});

const failed = (steps: StepDetails[]) =>
  run({
    ...{ status: 'FAILED', closedAt: '2026-01-01T00:00:00.000Z' },
    details: details({
      steps,
      failure: { type: 'CardDeclined', message: 'no', step: 'pay' },
      decisions: [no('large')],
    }),
  });

const branches = [{ label: 'then', steps: [step('gift', { status: 'skipped' })] }];
const large = step('large', { verb: 'if', branches });

it.each<[string, string, StepDetails[], string]>([
  ['failed', 'pay', [step('pay', { status: 'failed', error: 'no money.' })], 'It failed: no money.'],
  ['was not reached', 'late', [step('late', { status: 'pending' })], 'It was not reached: the run failed at pay.'],
  ['is in a branch that was not taken', 'gift', [large], 'did not take the branch "then": if was false, as'],
  ['has a condition of its own', 'large', [step('large', { status: 'skipped' })], 'its condition did not hold'],
  ['was under way at the end', 'x', [step('x', { status: 'running', endedAt: null })], 'under way when the run ended'],
  ['is parked', 'x', [step('x', { status: 'parked', error: 'down' })], 'It failed, and is parked: down.'],
  ['was canceled', 'x', [step('x', { status: 'canceled' })], 'It was canceled: the run does not say why.'],
])('says why a step %s', (_what, id, steps, expected) => {
  expect(explainRun(failed(steps), id, format).replaceAll(/\s+/g, ' ')).toContain(expected);
});

it('says who skipped a step', () => {
  const audit = [
    {
      at: '2026-01-01T00:00:00Z',
      actor: 'ana',
      action: 'skip',
      step: 'pay',
      reason: 'paid in cash',
      via: 'cli' as const,
    },
  ];
  const shown = run({ audit, details: details({ steps: [step('pay', { status: 'skipped' })] }) });
  expect(explainRun(shown, 'pay', format)).toContain('It was skipped by ana: paid in cash.');
});

it('explains all steps, and each condition with its values', () => {
  expect(explainRun(failed([large, step('pay', { status: 'failed', error: 'no' })]), undefined, format)).toBe(
    `order  failed

large  done
  if no: event.payment.amount (5) > 10
  It is done.

gift  skipped
  It was skipped, because the step large did not take the branch "then": if was false, as
  event.payment.amount (5) > 10.

pay  failed
  It failed: no.`,
  );
});

it('names the steps that there are if it is asked about another', () => {
  expect(() => explainRun(failed([step('pay')]), 'pya\u001b[2J', format)).toThrow(
    'The run has no step "pya\uFFFD[2J". It has: pay.',
  );
});

it('says why it can explain nothing', () => {
  const away = run({ details: null, missing: 'No worker answers for the run.' });
  expect(() => explainRun(away, undefined, format)).toThrow('No worker answers for the run.');
});
