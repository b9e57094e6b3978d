import fc from 'fast-check';
import type { Definition, Step } from '../../language/definition.ts';
import type { Json } from '../../language/json.ts';

/** A valid definition whose runs come out the same whatever is faster: what differs between hosts is then a mistake. */
export interface GeneratedDefinition {
  definition: Definition;
  /** By step id, what its activity does: gives a value, or fails for good with the type `CardDeclined`. */
  answers: Record<string, { value: Json } | 'declined'>;
}

const leafKinds = ['call', 'http', 'emit', 'set', 'wait', 'waitFor', 'declined', 'stop', 'fail'] as const;
const nestedKinds = ['if', 'switch', 'parallel', 'settle', 'forEach', 'while', 'try', 'do'] as const;

interface Seed {
  kind: (typeof leafKinds)[number] | (typeof nestedKinds)[number];
  n: number;
  /** Null: no guard. */
  guard: boolean | null;
  undo: boolean;
  /** Lists of steps inside; empty for leaves. */
  first: Seed[];
  second: Seed[];
}

const flags = { n: fc.nat(3), guard: fc.constantFrom(null, null, true, false), undo: fc.boolean() };

const { steps: seeds } = fc.letrec<{ leaf: Seed; nested: Seed; step: Seed; steps: Seed[] }>((tie) => ({
  leaf: fc.record({ kind: fc.constantFrom(...leafKinds), ...flags, first: fc.constant([]), second: fc.constant([]) }),
  nested: fc.record({ kind: fc.constantFrom(...nestedKinds), ...flags, first: tie('steps'), second: tie('steps') }),
  step: fc.oneof({ maxDepth: 2, withCrossShrink: true }, { arbitrary: tie('leaf'), weight: 2 }, tie('nested')),
  steps: fc.array(tie('step'), { minLength: 1, maxLength: 3 }),
}));

export const arbitraryDefinition: fc.Arbitrary<GeneratedDefinition> = fc
  .record({ steps: seeds, onFail: fc.constantFrom(undefined, 'fail' as const), ends: fc.boolean() })
  .map(build);

/** Where a step stands, as far as that decides what it may be. */
interface Surroundings {
  /** Steps that have surely run, whose outputs have an `id`. */
  seen: string[];
  /** What here would end others at a moment that no clock decides, and so does not stand here. */
  never: Seed['kind'][];
}

function build({
  steps,
  onFail,
  ends,
}: {
  steps: Seed[];
  onFail: 'fail' | undefined;
  ends: boolean;
}): GeneratedDefinition {
  const answers: GeneratedDefinition['answers'] = {};
  let count = 0;

  const list = (inner: Seed[], around: Surroundings): Step[] => {
    const seen = [...around.seen];
    return inner.map((seed) => step(seed, { ...around, seen }));
  };
  /** None sees another. */
  const branches = (inner: Seed[], around: Surroundings): Step[] => inner.flatMap((seed) => list([seed], around));
  /** Notes what is seen afterwards in `around.seen`. */
  const step = (seed: Seed, around: Surroundings): Step => {
    const id = `s${++count}`;
    const made = { id, ...guardOf(seed), ...bodyOf(seed, id, around) } as Step; // Every combination is one of a step's.
    if (seed.kind === 'call' && seed.guard === null) around.seen.push(id);
    return made;
  };
  const bodyOf = (seed: Seed, id: string, around: Surroundings): object => {
    const { n, undo } = seed;
    const reference = around.seen.length === 0 ? 'none' : `{{steps.${around.seen[n % around.seen.length] ?? ''}.id}}`;
    const kind = around.never.includes(seed.kind) ? 'emit' : seed.kind;
    answers[id] = kind === 'declined' ? 'declined' : { value: { id: `of ${id}` } };
    switch (kind) {
      case 'call':
        return { call: 'orders.create', with: order(reference, n), ...undoOf(undo, id) };
      case 'http':
        return { http: 'https://shop.example/{{event.id}}', body: { reference, at: '{{event.occurredAt}}' } };
      case 'emit':
        return { emit: 'order.changed', with: { reference, n } };
      case 'set':
        return { set: { [`v${n}`]: { cat: ['set by ', id] } } };
      case 'wait':
        return { wait: `${n + 1}ms` };
      case 'waitFor':
        return {
          waitFor: 'payment.refunded',
          match: { 'event.id': 'x' },
          timeout: `${n + 1}ms`,
          onTimeout: 'continue',
        };
      case 'declined':
        return { call: 'orders.create', with: order(reference, n) };
      case 'stop':
        return { if: holds(n > 0), stop: `stopped by ${id}` };
      case 'fail':
        return { if: holds(n > 0), fail: `failed by ${id}`, type: 'OutOfStock' };
      case 'if':
        return { if: holds(n > 1), then: list(seed.first, around), else: list(seed.second, around) };
      case 'switch':
        return {
          switch: [
            { when: holds(n > 1), do: list(seed.first, around) },
            { when: holds(n > 2), do: list(seed.second, around) },
          ],
          default: [step({ ...seed, kind: 'set', guard: null }, around)],
        };
      case 'parallel':
        return { parallel: branches(seed.first, { ...around, never: ['declined', 'stop', 'fail'] }) };
      case 'settle':
        return { join: 'settle', parallel: branches(seed.first, { ...around, never: [...around.never, 'stop'] }) };
      case 'forEach':
        return {
          forEach: { in: ['a', 'b', 'c'].slice(0, n), concurrency: 1, onItemError: 'continue' },
          do: list(seed.first, around),
        };
      case 'while':
        return { while: { '<': [{ var: 'index' }, n] }, max: 5, do: list(seed.first, around) };
      case 'try':
        return {
          try: list(seed.first, around),
          catch: [
            { errors: ['CardDeclined'], do: list(seed.second, around) },
            { do: [step({ ...seed, kind: 'set', guard: null }, around)] },
          ],
        };
      case 'do':
        return { ...deadlineOf(seed, around), do: n === 3 ? [late(id)] : list(seed.first, around) };
    }
  };
  /** Far enough away, or passed for sure. */
  const deadlineOf = ({ n, second }: Seed, around: Surroundings): object => {
    if (n === 3) return { deadline: '200ms', onTimeout: second.length === 0 ? 'continue' : list(second, around) };
    return n === 2 ? { deadline: '1h', onTimeout: 'continue' } : {};
  };
  const late = (around: string): Step => ({ id: `${around}-late`, wait: '1h' });
  const built = list(steps, { seen: [], never: [] });
  return {
    definition: {
      name: 'generated',
      on: { event: 'payment.succeeded' },
      ...(onFail === undefined ? {} : { onFail }),
      ...(ends ? { deadline: '1d', afterUndo: [{ id: 'told', set: { why: '{{error.type}}' } }] } : {}),
      steps: built,
      output: { status: '{{status}}', vars: '{{vars}}' },
    },
    answers,
  };
}

function guardOf({ kind, guard }: Seed): object {
  return guard === null || ['if', 'stop', 'fail'].includes(kind) ? {} : { if: holds(guard) };
}

/** A condition that reads something, as a condition has to. */
function holds(value: boolean): Json {
  return { [value ? '>' : '<']: [{ var: 'event.payment.amount' }, 0] };
}

function order(reference: string, n: number): object {
  return { reference, amount: n, currency: '{{event.payment.currency}}' };
}

function undoOf(undo: boolean, id: string): object {
  return undo ? { undo: { call: 'orders.cancel', with: { orderId: `{{steps.${id}.id}}` } } } : {};
}
