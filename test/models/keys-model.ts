import type { Model, Step } from './explore.ts';

/** The parts of the protocol of keys that may be taken out, to see that each is needed. */
export interface KeysVariant {
  /** No event gets the key while an earlier one has not got its place in the queue yet. */
  waitsForEarlier: boolean;
  /** Who holds a key is a unique row. Otherwise a dispatcher looks first, and then writes. */
  uniqueHolder: boolean;
  /** An event stays in the queue until its start is known. Otherwise it leaves with the taking of the key. */
  staysQueued: boolean;
  /** A run releases the key only if it is the one that holds it. */
  releasesOwn: boolean;
  /** Somebody looks after the keys of runs that were ended from outside. */
  sweeps: boolean;
}

interface KeysState {
  /** Events that have arrived and have no place yet, those in the queue, and who holds the key. */
  arrived: boolean[];
  queue: number[];
  holder: number | null;
  /** What each dispatcher is about to do. */
  dispatchers: (null | { saw: 'free' } | { starts: number } | { records: number; refused: boolean })[];
  /** What Temporal knows of each event's run. `released`: it goes on without the key, or is about to end. */
  runs: ('none' | 'running' | 'released' | 'closed' | 'refused')[];
}

export interface KeysWorld {
  events: number;
  dispatchers: number;
  /** An event that Temporal refuses for good. */
  poison?: number;
}

/**
 * One key of one definition: each step of a process is one transaction, one request to Temporal, or its death. A dispatcher that was taken
 * for dead may go on: another one can take up what it does at any time.
 */
export function keysModel(variant: KeysVariant, world: KeysWorld): Model<KeysState> {
  const all = Array.from({ length: world.events }, (_, event) => event);
  return {
    initial: {
      arrived: all.map(() => true),
      queue: [],
      holder: null,
      dispatchers: Array.from({ length: world.dispatchers }, () => null),
      runs: all.map(() => 'none'),
    },
    steps: (state) => [
      ...all.flatMap((event) => stepsOfArrival(state, event)),
      ...state.dispatchers.flatMap((_each, dispatcher) => stepsOfDispatcher(state, dispatcher, world, variant)),
      ...all.flatMap((event) => stepsOfRun(state, event, variant)),
    ],
    fault({ runs }) {
      if (runs.filter((run) => run === 'running').length > 1) return 'two runs have the key';
      const first = runs.indexOf('none');
      return first >= 0 && runs.slice(first).some((run) => run !== 'none') ? 'a run has overtaken another' : null;
    },
    isDone: ({ runs, queue, holder, dispatchers }) =>
      queue.length === 0 &&
      holder === null &&
      dispatchers.every((each) => each === null) &&
      runs.every((run) => run === 'closed' || run === 'refused'),
  };
}

/** A copy of the state with the changes that `change` makes to it. */
function after(state: KeysState, change: (state: KeysState) => void): KeysState {
  const copy = JSON.parse(JSON.stringify(state)) as KeysState; // Several times as fast as `structuredClone`.
  change(copy);
  return copy;
}

function stepsOfArrival(state: KeysState, event: number): Step<KeysState>[] {
  if (!state.arrived[event]) return [];
  const to = after(state, (next) => {
    next.arrived[event] = false;
    next.queue = [...next.queue, event].sort();
  });
  return [{ name: `${event} gets its place`, to }];
}

function stepsOfDispatcher(
  state: KeysState,
  dispatcher: number,
  { poison }: KeysWorld,
  { waitsForEarlier, uniqueHolder, staysQueued }: KeysVariant,
): Step<KeysState>[] {
  const doing = state.dispatchers[dispatcher] ?? null;
  const named = (name: string, change: (next: KeysState) => void, crash = false) => ({
    ...{ name: `dispatcher ${dispatcher} ${name}`, to: after(state, change), crash },
  });
  const [first] = state.queue;
  const take = (next: KeysState) => {
    next.holder = first!;
    next.dispatchers[dispatcher] = { starts: first! };
    if (!staysQueued) next.queue.shift();
  };
  if (doing === null) {
    const isEarliest = !waitsForEarlier || !state.arrived.slice(0, first).includes(true);
    const canTake = state.holder === null && first !== undefined && isEarliest;
    const left = state.holder !== null && state.queue.includes(state.holder) ? state.holder : undefined;
    return [
      ...(canTake && uniqueHolder ? [named(`takes the key for ${first}`, take)] : []),
      ...(canTake && !uniqueHolder
        ? [named('sees that the key is free', (next) => (next.dispatchers[dispatcher] = { saw: 'free' }))]
        : []),
      ...(left === undefined
        ? []
        : [named(`starts ${left} again`, (next) => (next.dispatchers[dispatcher] = { starts: left }))]),
    ];
  }
  const dies = named('dies', (next) => (next.dispatchers[dispatcher] = null), true);
  if ('saw' in doing) {
    return first === undefined
      ? [named('finds nothing', (next) => (next.dispatchers[dispatcher] = null))]
      : [named(`takes the key for ${first}`, take), dies];
  }
  if ('starts' in doing) {
    const refused = doing.starts === poison;
    const start = named(`starts ${doing.starts}`, (next) => {
      if (next.runs[doing.starts] === 'none') next.runs[doing.starts] = refused ? 'refused' : 'running';
      next.dispatchers[dispatcher] = { records: doing.starts, refused };
    });
    return [start, dies];
  }
  const record = named(`records ${doing.records}`, (next) => {
    next.queue = next.queue.filter((event) => event !== doing.records);
    if (doing.refused && next.holder === doing.records) next.holder = null;
    next.dispatchers[dispatcher] = null;
  });
  return [record, dies];
}

function stepsOfRun(state: KeysState, event: number, { releasesOwn, sweeps }: KeysVariant): Step<KeysState>[] {
  const run = state.runs[event];
  const to = (name: string, change: (next: KeysState) => void, crash = false) => ({
    ...{ name: `run ${event} ${name}`, to: after(state, change), crash },
  });
  const release = (next: KeysState) => {
    if (!releasesOwn || next.holder === event) next.holder = null;
  };
  const lateRelease = releasesOwn ? [] : [to('releases the key once more', release, true)];
  if (run === 'running') {
    return [
      to('releases the key', (next) => {
        release(next);
        next.runs[event] = 'released';
      }),
      to('is terminated', (next) => (next.runs[event] = 'closed'), true),
    ];
  }
  if (run === 'released') return [to('ends', (next) => (next.runs[event] = 'closed')), ...lateRelease];
  if (run !== 'closed') return [];
  const isLeft = sweeps && state.holder === event;
  return [...(isLeft ? [to('is over, and its key is freed', (next) => (next.holder = null))] : []), ...lateRelease];
}
