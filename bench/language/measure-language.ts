import { builtInActivities } from '../../activities/built-in-activities.ts';
import { checkDefinition } from '../../language/check.ts';
import type { Definition, Step } from '../../language/definition.ts';
import { evaluateLogic } from '../../language/expression.ts';
import type { Json } from '../../language/json.ts';
import type { Effects } from '../../workflows/effects.ts';
import { createInterpreter } from '../../workflows/interpreter.ts';
import { rounded, type Report } from '../report.ts';
import { median } from '../rounds.ts';
import { paidEvent } from '../stripe-payments.ts';

/**
 * The cost of the language alone, in this process and without Temporal: interpreting a step whose effects answer at once, against
 * awaiting the same effects by hand; evaluating a condition; checking a definition of 500 steps.
 */
export async function measureLanguage(options: { repeats: number; report: (line: string) => void }): Promise<Report> {
  const rounds = 10 * options.repeats;
  const measured: Record<string, number[]> = {};
  const note = (name: string, value: number) => (measured[name] ??= []).push(value);
  for (let round = -5; round < rounds; round++) {
    const byHand = await timeMs(() => awaitByHand(stepCount));
    const calls = await timeMs(() => interpret(callSteps));
    const guarded = await timeMs(() => interpret(guardedSteps));
    const items = await timeMs(() => interpret(loopSteps));
    const condition = await timeMs(() => evaluateOften(10_000));
    const check = await timeMs(
      () => void checkDefinition({ text: largeText, file: 'large.json', activities: builtInActivities }),
    );
    if (round < 0) continue; // The code is still being compiled.
    note('byHand', (byHand * 1_000) / stepCount);
    note('call', (calls * 1_000) / stepCount);
    note('guarded', (guarded * 1_000) / stepCount);
    note('item', (items * 1_000) / itemCount);
    note('condition', (condition * 1_000) / 10_000);
    note('check', check);
  }
  options.report(`measured the language ${rounds} times`);
  return reportOf((name) => median(measured[name] ?? []));
}

function reportOf(of: (name: string) => number): Report {
  const row = (what: string, us: number) => [what, `${rounded(us)} µs`, `${rounded(us - of('byHand'))} µs`];
  return {
    title: 'language: the cost of the language alone',
    notes: [
      'Medians per step or item, in one process and without Temporal: what the interpreter adds to the effects.',
      `Checking a definition of ${stepCount} steps takes ${rounded(of('check'))} ms.`,
      `Evaluating a condition over the event takes ${rounded(of('condition'))} µs.`,
    ],
    headings: ['what', 'time', 'beyond awaiting the effect by hand'],
    rows: [
      row('effect awaited by hand', of('byHand')),
      row('call with two templates', of('call')),
      row('the same with a guard', of('guarded')),
      row('item of a loop with one call', of('item')),
    ],
    targets: [{ what: `Checking ${stepCount} steps`, measured: of('check'), unit: ' ms', atMost: 50 }],
  };
}

const stepCount = 500;
const itemCount = 2_000;

const call = (id: string): Step => ({
  id,
  call: 'orders.create',
  with: { reference: '{{event.payment.orderId}}', amount: '{{event.payment.amount}}', currency: 'IDR' },
});
const guard = { '>=': [{ var: 'event.payment.amount' }, 1_000] };
const callSteps = Array.from({ length: stepCount }, (_, index) => call(`s${index}`));
const guardedSteps = callSteps.map((step) => ({ ...step, if: guard }));
const loopSteps: Step[] = [
  { id: 'loop', forEach: { in: Array.from({ length: itemCount }, (_, index) => index) }, do: [call('inner')] },
];
const largeText = JSON.stringify({ name: 'large', on: { event: 'payment.succeeded' }, steps: callSteps });

const event = paidEvent('1');

async function interpret(steps: Step[]): Promise<void> {
  const definition: Definition = { name: 'bench', on: { event: 'payment.succeeded' }, steps };
  const input = { definition, definitionHash: '', event, localActivities: [] };
  await createInterpreter({ input, runId: 'bench/stripe/evt_1', effects, observer: {} }).execute();
}

async function awaitByHand(count: number): Promise<void> {
  for (let index = 0; index < count; index++) await answer();
}

function evaluateOften(count: number): void {
  const scope = { event: event as unknown as Json }; // An envelope is JSON by construction.
  for (let index = 0; index < count; index++) evaluateLogic(guard, scope);
}

const answer = (): Promise<Json> => Promise.resolve({ id: 'ord_1' });

/** Everything answers at once. */
const effects: Effects = {
  openWait: ({ after }) => Promise.resolve({ events: [], after: after ?? 0, more: false }),
  claimEvent: () => Promise.resolve({ taken: true, confirm: false }),
  closeWait: () => Promise.resolve(),
  endTurn: () => Promise.resolve(),
  openApproval: () => Promise.resolve(),
  recordCommand: () => Promise.resolve(null),
  migrated: () => Promise.resolve(),
  recordDecision: () => Promise.resolve({ refusal: null }),
  closeApproval: () => Promise.resolve(),
  mailApproval: () => Promise.resolve(),
  closeAnswers: () => Promise.resolve(),
  nextTask: () => Promise.resolve(),
  call: answer,
  startChild: () => Promise.resolve({ workflowId: 'child', runId: 'run' }),
  childResult: async () => ({ output: await answer(), undo: [] }),
  isCanceled: () => false,
  isRunCanceled: () => false,
  cancellation: () => new Error('canceled'),
  isInDoubt: () => false,
  sleep: () => Promise.resolve(),
  waitUntil: (holds, ms) => (ms === null ? new Promise(() => undefined) : Promise.resolve(holds())),
  now: () => 0,
  cancelable: (work) => ({ done: work(), cancel: () => undefined }),
  shielded: (work) => work(),
  isLong: () => false,
  isCancellation: () => false,
  describe: (error) => ({ type: 'Error', message: String(error) }),
};

async function timeMs(work: () => Promise<void> | void): Promise<number> {
  const startedMs = performance.now();
  await work();
  return performance.now() - startedMs;
}
