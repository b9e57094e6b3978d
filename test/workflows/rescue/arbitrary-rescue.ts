import fc from 'fast-check';
import type { Definition, Step } from '../../../language/definition.ts';
import type { JsonObject } from '../../../language/json.ts';

/** How one run of several ends that go on from each other. Numbers choose among what there is. */
export interface Mishap {
  kind: 'failed' | 'canceled' | 'terminated';
  at: number;
  /** Whether what failed, or was under way, had its effect. */
  hadEffect: boolean;
  /** An undo that fails, too; null: none. */
  undoAt: number | null;
  undoFailed: 'stands' | 'undone';
  /** Null: the run does not continue as new. */
  callsPerRun: number | null;
}

export interface GeneratedRescue {
  definition: Definition;
  mishaps: Mishap[];
}

const leafKinds = ['call', 'call', 'undoable', 'undoable', 'count', 'remember', 'wait', 'waitFor'] as const;
const nestedKinds = ['if', 'switch', 'parallel', 'forEach', 'while', 'finally', 'do'] as const;
/** What handles failures: decisions that a rescue keeps, so that the outcome may differ from that of a run in which nothing fails. */
const handlingKinds = ['catch', 'settle', 'first', 'continue', 'onItemError', 'late'] as const;

type Kind = (typeof leafKinds)[number] | (typeof nestedKinds)[number] | (typeof handlingKinds)[number];

interface Seed {
  kind: Kind;
  n: number;
  guard: boolean | null;
  first: Seed[];
  second: Seed[];
}

function seedsOf(kinds: readonly Kind[]): fc.Arbitrary<Seed[]> {
  const flags = { n: fc.nat(3), guard: fc.constantFrom(null, null, null, true, false) };
  return fc.letrec<{ leaf: Seed; nested: Seed; step: Seed; steps: Seed[] }>((tie) => ({
    leaf: fc.record({ kind: fc.constantFrom(...leafKinds), ...flags, first: fc.constant([]), second: fc.constant([]) }),
    nested: fc.record({ kind: fc.constantFrom(...kinds), ...flags, first: tie('steps'), second: tie('steps') }),
    step: fc.oneof({ maxDepth: 2, withCrossShrink: true }, { arbitrary: tie('leaf'), weight: 2 }, tie('nested')),
    steps: fc.array(tie('step'), { minLength: 1, maxLength: 4 }),
  })).steps;
}

const mishap: fc.Arbitrary<Mishap> = fc.record({
  kind: fc.constantFrom('failed', 'failed', 'canceled', 'terminated'),
  at: fc.nat(24),
  hadEffect: fc.boolean(),
  undoAt: fc.option(fc.nat(8), { freq: 3 }),
  undoFailed: fc.constantFrom('stands', 'undone'),
  callsPerRun: fc.option(fc.integer({ min: 1, max: 8 }), { freq: 2 }),
});

function rescuesOf(kinds: readonly Kind[]): fc.Arbitrary<GeneratedRescue> {
  return fc
    .record({
      steps: seedsOf(kinds),
      onFail: fc.constantFrom(undefined, undefined, 'undo' as const, 'fail' as const),
      mishaps: fc.array(mishap, { minLength: 1, maxLength: 3 }),
    })
    .map(({ steps, onFail, mishaps }) => ({ definition: definitionOf(steps, onFail), mishaps }));
}

/** Definitions in which nothing handles a failure, with what befalls their runs. */
export const arbitraryRescue = rescuesOf(nestedKinds);
/** The same with steps that handle failures. */
export const arbitraryHandling = rescuesOf([...nestedKinds, ...handlingKinds]);

/** Where a step stands. */
interface Surroundings {
  /** Steps that have surely run. */
  seen: string[];
  /** Whether others run at the same time: then no condition depends on what they count. */
  beside: boolean;
  /** Whether the steps may be undone although the run goes on. A race that sets variables is run once more, losers and all. */
  races: boolean;
}

function definitionOf(seeds: Seed[], onFail: 'undo' | 'fail' | undefined): Definition {
  let count = 0;
  const list = (inner: Seed[], around: Surroundings): Step[] => {
    const own = { ...around, seen: [...around.seen] };
    return inner.map((seed) => step(seed, own));
  };
  const step = (seed: Seed, around: Surroundings): Step => {
    const id = `s${++count}`;
    const guard: object = seed.guard === null || seed.kind === 'if' ? {} : { if: { '==': [1, seed.guard ? 1 : 2] } };
    const made = { id, ...guard, ...bodyOf(seed, around) } as Step; // Every combination is one of a step's.
    if ((seed.kind === 'call' || seed.kind === 'undoable') && seed.guard === null) around.seen.push(id);
    return made;
  };
  const bodyOf = ({ kind: wanted, n, first, second }: Seed, around: Surroundings): object => {
    const kind = around.races && (wanted === 'count' || wanted === 'remember') ? 'wait' : wanted;
    const seen = around.seen.length === 0 ? 'none' : `{{steps.${around.seen[n % around.seen.length] ?? ''}.id}}`;
    const act = (): object => ({ call: 'world.act', with: { seen, last: '{{vars.last}}' } });
    const beside = { ...around, beside: true };
    const condition = around.beside ? { '>': [n, 1] } : { '>': [{ var: 'vars.n' }, n] };
    switch (kind) {
      case 'call':
        return around.beside ? { call: 'world.act', with: { seen } } : act();
      case 'undoable':
        return { ...(around.beside ? { call: 'world.act', with: { seen } } : act()), undo };
      case 'count':
        return { set: { n: { '+': [{ var: 'vars.n' }, 1] } } };
      case 'remember':
        return around.beside ? { set: { n: { '+': [{ var: 'vars.n' }, 1] } } } : { set: { last: seen } };
      case 'wait':
        return { wait: ['1ms', '15ms', '1h', '2d'][n] };
      case 'waitFor':
        return {
          ...{ waitFor: 'payment.refunded', match: { 'event.id': 'x' }, timeout: '25ms' },
          onTimeout: first.length === 0 ? 'continue' : list(first, around),
        };
      case 'if':
        return { if: condition, then: list(first, around), else: list(second, around) };
      case 'switch':
        return { switch: [{ when: condition, do: list(first, around) }], default: list(second, around) };
      case 'parallel':
        return { parallel: [...first, ...second].flatMap((seed) => list([seed], beside)) };
      case 'settle':
        return { join: kind, parallel: [...first, ...second].flatMap((seed) => list([seed], beside)) };
      case 'first': {
        const racing = { ...beside, races: true };
        return { join: kind, parallel: [...first, ...second].flatMap((seed) => list([seed], racing)) };
      }
      case 'forEach':
        return { forEach: { in: items(n), concurrency: 1 + (n % 2) }, do: list(first, n % 2 === 1 ? beside : around) };
      case 'continue':
        return { forEach: { in: items(n), onItemError: 'continue' }, do: list(first, around) };
      case 'onItemError':
        return { forEach: { in: items(n), onItemError: list(second, around) }, do: list(first, around) };
      case 'late': {
        const deadline = ['15ms', '25ms', '45ms', '30d'][n];
        const onTimeout = second.length === 0 ? 'continue' : list(second, around);
        return { do: list(first, { ...around, races: true }), deadline, undoOnTimeout: true, onTimeout };
      }
      case 'while':
        return { while: { '<': [{ var: 'index' }, n] }, max: 5, do: list(first, around) };
      case 'finally':
        return { try: list(first, around), finally: [{ id: `f${++count}`, call: 'world.act', with: {} }] };
      case 'catch':
        return { try: list(first, around), catch: [{ do: list(second, around) }] };
      case 'do':
        return { do: list(first, around), ...(n === 3 ? { deadline: '30d' } : {}) };
    }
  };
  const steps = list(seeds, { seen: [], beside: false, races: false });
  const last = { id: 'last', call: 'world.act', with: { n: '{{vars.n}}', last: '{{vars.last}}' } };
  return {
    ...{ name: 'order-paid', on: { event: 'payment.succeeded' }, vars: { n: 0, last: 'none' } },
    ...(onFail === undefined ? {} : { onFail }),
    ...{ steps: [...steps, last], output: { vars: '{{vars}}', last: '{{steps.last.id}}' } },
  };
}

const undo = { call: 'world.undo', with: { key: '{{step.idempotencyKey}}' } satisfies JsonObject };

const items = (n: number): string[] => ['a', 'b', 'c', 'd'].slice(0, n + 1);
