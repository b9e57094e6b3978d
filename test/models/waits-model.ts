import type { Model, Step } from './explore.ts';

/** The parts of the protocol of waits that may be taken out, to see that each is needed. */
export interface WaitsVariant {
  /** A step registers its wait before it looks for stored events. */
  registersFirst: boolean;
  /** The keys of an event are committed before waits are looked up. */
  keysFirst: boolean;
  /** A row that is unique for run and event decides which step takes an event. */
  claims: boolean;
  /** A run remembers which events it has had. It forgets the oldest of many, so nothing may depend on it. */
  remembers: boolean;
  /**
   * A step that begins anew gets the event first that it has taken already. Its worker may die with all that the run has done since its last task, but
   * for what is in the database.
   */
  takesAgain: boolean;
  /** A signal that may not have arrived is sent again. */
  sendsAgain: boolean;
}

type Phase = 'new' | 'half' | 'waiting' | 'found' | 'claimed' | 'refused' | 'done';

interface WaitsState {
  /** Each step of each run. `event`: what it found. `looked`: it looked into the inbox in the task that goes on. */
  steps: { phase: Phase; event: number | null; looked?: boolean }[];
  /** What the server does about each event: `half` is between its two statements. */
  events: ('unsent' | 'stored' | 'half' | 'dispatched')[];
  /** The tables: which steps wait, which events have keys, and what became of each event for each run. */
  waits: boolean[];
  keys: boolean[];
  handovers: ('none' | 'pending' | 'sending' | 'sent' | number)[][];
  /** Per run: the events in its mailbox, and those that it has taken out. */
  mail: boolean[][];
  /** What it was sent. History keeps that, whatever dies. */
  signals: boolean[][];
  seen: boolean[][];
}

/** What there is: the run of each step, all of which wait at the same time, and how many events, which all of them match. */
export interface WaitsWorld {
  runOf: number[];
  events: number;
}

/** The protocol of `docs/DESIGN.md`, "Waits": each step of a process is one statement, one signal, or its death. */
export function waitsModel(variant: WaitsVariant, world: WaitsWorld): Model<WaitsState> {
  const { runOf, events } = world;
  const all = Array.from({ length: events }, (_, event) => event);
  const runs = [...new Set(runOf)];
  const perRun = <Value>(value: Value) => runs.map(() => all.map(() => value));
  return {
    initial: {
      steps: runOf.map(() => ({ phase: 'new', event: null })),
      events: all.map(() => 'unsent'),
      waits: runOf.map(() => false),
      keys: all.map(() => false),
      handovers: perRun('none' as const),
      mail: perRun(false),
      signals: perRun(false),
      seen: perRun(false),
    },
    steps: (state) => [
      ...runs.flatMap((run) => stepsOfTask(state, run, world)),
      ...runOf.flatMap((_run, step) => stepsOfWait(state, step, world, variant)),
      ...all.flatMap((event) => stepsOfEvent(state, event, world, variant)),
      ...runs.flatMap((run) => all.flatMap((event) => stepsOfHandover(state, { run, event }, world, variant))),
    ],
    fault(state) {
      const taken = state.steps.flatMap(({ phase, event }, step) =>
        phase === 'done' ? [`${runOf[step]}/${event}`] : [],
      );
      return new Set(taken).size < taken.length ? 'a run takes an event twice' : null;
    },
    isDone: (state) =>
      state.events.every((phase) => phase === 'dispatched') &&
      runs.every((run) => {
        const own = state.steps.filter((_step, step) => runOf[step] === run);
        return own.filter(({ phase }) => phase === 'done').length === Math.min(own.length, events);
      }),
  };
}

/** A copy of the state with the changes that `change` makes to it. */
function after(state: WaitsState, change: (state: WaitsState) => void): WaitsState {
  const copy = JSON.parse(JSON.stringify(state)) as WaitsState; // Several times as fast as `structuredClone`.
  change(copy);
  return copy;
}

/** All steps of a run share its tasks: what they did in the one that goes on is lost together, or known together. */
function stepsOfTask(state: WaitsState, run: number, { runOf }: WaitsWorld): Step<WaitsState>[] {
  const inTask = state.steps.flatMap(({ looked }, step) => (looked && runOf[step] === run ? [step] : []));
  if (inTask.length === 0) return [];
  const ends = after(state, (next) => {
    for (const step of inTask) delete next.steps[step]!.looked;
  });
  const dies = after(state, (next) => {
    for (const step of inTask) {
      const { event } = next.steps[step]!;
      if (event !== null) {
        next.seen[run]![event] = false;
        next.mail[run]![event] = next.signals[run]![event]!;
      }
      next.steps[step] = { phase: 'new', event: null };
    }
  });
  return [
    { name: `run ${run} ends its task`, to: ends },
    { name: `run ${run} dies with its task`, to: dies, crash: true },
  ];
}

function stepsOfWait(
  state: WaitsState,
  step: number,
  { runOf }: WaitsWorld,
  { registersFirst, claims, remembers, takesAgain }: WaitsVariant,
): Step<WaitsState>[] {
  const { phase, event, looked = false } = state.steps[step]!;
  const run = runOf[step]!;
  const named = (name: string, change: (next: WaitsState) => void, crash = false) => ({
    ...{ name: `step ${step} ${name}`, to: after(state, change), crash },
  });
  const register = (next: WaitsState, phase: Phase) => {
    next.waits[step] = true;
    next.steps[step]!.phase = phase;
  };
  const find = (next: WaitsState, found: number) => {
    next.steps[step] = { phase: 'found', event: found };
    next.seen[run]![found] = remembers;
    next.mail[run]![found] = false;
  };
  const findIn = (next: WaitsState, found: number) => {
    find(next, found);
    next.steps[step]!.looked = true;
  };
  const waits = (next: WaitsState) => (next.steps[step] = { phase: 'waiting', event: null, looked: true });
  const looks = (otherwise: (next: WaitsState) => void) => {
    const own = state.handovers[run]!.indexOf(step);
    if (takesAgain && own >= 0) return named(`finds its ${own}`, (next) => findIn(next, own));
    const found = state.keys.findIndex((has, each) => {
      return has && !state.seen[run]![each] && typeof state.handovers[run]![each] !== 'number';
    });
    return found < 0
      ? named('looks and finds nothing', otherwise)
      : named(`finds ${found}`, (next) => findIn(next, found));
  };
  if (phase === 'new' && registersFirst) return [named('registers', (next) => register(next, 'half'))];
  if (phase === 'new') return [looks((next) => (next.steps[step]!.phase = 'half'))];
  if (phase === 'half') {
    const dies = named('dies', (next) => (next.steps[step]!.phase = 'new'), true);
    if (!registersFirst) return [named('registers', (next) => register(next, 'waiting')), dies];
    return [looks(waits), dies];
  }
  if (phase === 'waiting') {
    if (looked) return []; // Signals come with the next task.
    const arrived = state.mail[run]!.flatMap((has, each) => (has ? [each] : []));
    return arrived.map((each) => named(`takes ${each} from the mailbox`, (next) => find(next, each)));
  }
  if (phase === 'found') {
    const owner = state.handovers[run]![event!]!;
    const isTaken = claims && typeof owner === 'number' && owner !== step;
    return [
      named('claims', (next) => {
        next.steps[step]!.phase = isTaken ? 'refused' : 'claimed';
        if (!isTaken) next.handovers[run]![event!] = step;
      }),
    ];
  }
  const closes = (next: WaitsState) => {
    next.steps[step]!.phase = 'done';
    next.waits[step] = false;
  };
  if (phase === 'claimed') {
    return [named('closes', closes), named('dies', (next) => (next.steps[step]!.phase = 'found'), true)];
  }
  if (phase === 'refused') return [named('waits on', (next) => (next.steps[step] = { phase: 'new', event: null }))];
  return [];
}

function stepsOfEvent(
  state: WaitsState,
  event: number,
  { runOf }: WaitsWorld,
  { keysFirst }: WaitsVariant,
): Step<WaitsState>[] {
  const phase = state.events[event];
  const writeKey = (next: WaitsState) => (next.keys[event] = true);
  const handOver = (next: WaitsState) => {
    state.waits.forEach((waits, step) => {
      const row = next.handovers[runOf[step]!]!;
      if (waits && row[event] === 'none') row[event] = 'pending';
    });
  };
  const [first, second] = keysFirst ? [writeKey, handOver] : [handOver, writeKey];
  const to = (name: string, next: typeof phase, change: (state: WaitsState) => void, crash = false) => ({
    ...{ name: `event ${event} ${name}`, crash },
    to: after(state, (copy) => {
      change(copy);
      copy.events[event] = next!;
    }),
  });
  if (phase === 'unsent') return [to('is stored', 'stored', () => undefined)];
  if (phase === 'stored') return [to('first statement', 'half', first)];
  if (phase === 'half') {
    return [to('second statement', 'dispatched', second), to('loses its server', 'stored', () => undefined, true)];
  }
  return [];
}

function stepsOfHandover(
  state: WaitsState,
  { run, event }: { run: number; event: number },
  { runOf }: WaitsWorld,
  { sendsAgain }: WaitsVariant,
): Step<WaitsState>[] {
  const row = state.handovers[run]![event];
  const to = (name: string, change: (next: WaitsState) => void, crash = false) => ({
    ...{ name: `${event} to run ${run}: ${name}`, to: after(state, change), crash },
  });
  const set = (value: 'none' | 'pending' | 'sending' | 'sent') => (next: WaitsState) => {
    next.handovers[run]![event] = value;
  };
  if (row === 'sending') {
    const signal = (next: WaitsState) => {
      next.signals[run]![event] = true;
      if (!next.seen[run]![event]) next.mail[run]![event] = true;
      next.handovers[run]![event] = 'sent';
    };
    return [
      to('signals', signal),
      to('dies before the signal', set(sendsAgain ? 'pending' : 'sent'), true),
      to(
        'dies after the signal',
        (next) => {
          signal(next);
          next.handovers[run]![event] = 'pending';
        },
        true,
      ),
    ];
  }
  if (row !== 'pending') return [];
  const isAwaited = state.waits.some((waits, step) => waits && runOf[step] === run);
  return [isAwaited ? to('is claimed', set('sending')) : to('is not wanted', set('none'))];
}
