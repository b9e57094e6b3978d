import type { Definition, RunInput } from '../../../language/definition.ts';
import type { Json, JsonObject } from '../../../language/json.ts';
import { createScopes } from '../../../simulator/scopes.ts';
import { Canceled, type Scope } from '../../../simulator/scopes.ts';
import { createVirtualClock } from '../../../simulator/virtual-time.ts';
import type { CallRequest, Effects } from '../../../workflows/effects.ts';
import { type Carried, createInterpreter, type Interpreter, type Outcome } from '../../../workflows/interpreter.ts';
import type { EndedRun } from '../../../workflows/rescue.ts';
import { RunError } from '../../../workflows/run-error.ts';
import { sampleEvent } from '../../server/sample-event.ts';

/** A call that fails, by the step's key in its first generation. `inDoubt`: after its effect. */
export interface Fault {
  key: string;
  inDoubt: boolean;
}

/** An effect that has happened in a world that honours keys. */
export interface Effect {
  key: string;
  input: JsonObject;
  output: Json;
  isUndone: boolean;
}

export interface WorldRun {
  /** `terminated`: as Temporal does it. What it was doing may have had its effect. `endless`: it continued as new again and again. */
  status: 'completed' | 'failed' | 'canceled' | 'terminated' | 'stuck' | 'endless';
  output: Json;
  error: { type: string; message: string } | null;
  ended: EndedRun;
}

/** A world in which each key has one effect, whatever run asks for it. `world.undo` undoes the effect of the key in its input. */
export interface RescueWorld {
  effects: () => Effect[];
  /** Keys with a different input than the effect that they stand for. */
  reused: () => string[];
  /** Keys of effects that happened although their input named what had been undone by then. */
  stale: () => string[];
  /** Keys that were asked for although their effect had been answered, or undone. */
  repeated: () => string[];
  /** The keys of all calls, in order. */
  calls: string[];
  /** Also by an undo that was under way when its run was terminated. */
  isUndone: (key: string) => boolean;
  /** An operator has undone these effects by hand. */
  undoneByHand: (keys: string[]) => void;
  run: (definition: Definition, options?: WorldOptions) => Promise<WorldRun>;
}

export interface WorldOptions {
  rescue?: RunInput['rescue'];
  faults?: Fault[];
  /** The run is canceled, or terminated, so many ms after it has begun. A call takes 10 ms. */
  cancelAfterMs?: number;
  terminateAfterMs?: number;
  /** Whether what was under way then had its effect. */
  hadEffect?: boolean;
  /** The run continues as new after so many calls. */
  callsPerRun?: number;
}

/** More than any run needs that gets on by one call each time. */
const mostRuns = 500;

export const firstRun = 'kait-test/order-paid/stripe/evt_1';

class CallFailed extends Error {
  readonly inDoubt: boolean;
  constructor(message: string, inDoubt: boolean) {
    super(message);
    this.name = 'Unavailable';
    this.inDoubt = inDoubt;
  }
}

export function createRescueWorld(): RescueWorld {
  const happened = new Map<string, Effect>();
  const answered = new Set<string>();
  const notes = { reused: [] as string[], stale: [] as string[], repeated: [] as string[] };
  const calls: string[] = [];
  const clock = createVirtualClock(Date.parse('2026-01-01T00:00:00Z'));
  let ids = 0;

  function answer(base: string, { key, activity, input }: CallRequest, faults: Map<string, Fault>): Json {
    const fullKey = `${base}/${key}`;
    calls.push(key);
    const plain = key.replaceAll(/~\d+/g, '');
    const fault = faults.get(plain);
    if (fault !== undefined && !fault.inDoubt) throw new CallFailed(`${key} is unavailable`, false);
    if (answered.has(fullKey)) notes.repeated.push(fullKey);
    if (activity === 'world.undo') undo(input.key as string);
    else act(fullKey, input);
    if (fault !== undefined) throw new CallFailed(`${key} did not answer`, true);
    answered.add(fullKey);
    return happened.get(fullKey)?.output ?? null;
  }

  function act(key: string, input: JsonObject): void {
    const known = happened.get(key);
    if (known === undefined) {
      if (namesUndone(input)) notes.stale.push(key);
      ids += 1;
      happened.set(key, { key, input, output: { id: `id_${ids}` }, isUndone: false });
    } else if (JSON.stringify(known.input) !== JSON.stringify(input)) notes.reused.push(key);
    if (known?.isUndone === true) notes.repeated.push(key);
  }

  function namesUndone(input: JsonObject): boolean {
    const named = new Set(JSON.stringify(input).match(/id_\d+/g));
    return [...happened.values()].some(({ output, isUndone }) => isUndone && named.has((output as { id: string }).id));
  }

  function undo(key: string): void {
    const effect = happened.get(key);
    if (effect !== undefined) effect.isUndone = true;
  }

  return {
    effects: () => [...happened.values()],
    reused: () => notes.reused,
    stale: () => notes.stale,
    repeated: () => notes.repeated,
    calls,
    isUndone: (key) => happened.get(key)?.isUndone === true,
    undoneByHand(keys) {
      for (const key of keys) {
        const effect = happened.get(key);
        if (effect !== undefined) effect.isUndone = true;
      }
    },
    async run(definition, options = {}) {
      const { rescue, faults = [] } = options;
      const scopes = createScopes();
      const conditions = new Set<() => void>();
      const base = rescue?.keys ?? firstRun;
      const byKey = new Map(faults.map((fault) => [fault.key, fault]));
      const parts = { scopes, clock, conditions, root: scopes.root(), underWay: new Set<CallRequest>(), callsLeft: 0 };
      const effects = effectsOf(parts, (request) => answer(base, request, byKey));
      const input: RunInput = {
        definition,
        definitionHash: 'hash',
        event: sampleEvent(),
        localActivities: [],
        ...(rescue && { rescue }),
      };
      let interpreter: Interpreter | undefined;
      const begin = (carried?: Carried) => {
        parts.root.abandon(); // Nothing of the run before goes on beside this one.
        parts.root = scopes.root();
        parts.callsLeft = options.callsPerRun ?? Infinity;
        const next = createInterpreter({ input, runId: base, effects, observer: {}, carried });
        interpreter = next;
        return parts.root.run(() => next.execute());
      };
      const ended = () => JSON.parse(JSON.stringify(interpreter?.ended())) as EndedRun; // JSON by its type.
      let result: WorldRun | undefined;
      const terminated = (): WorldRun => ({ status: 'terminated', output: null, error: null, ended: ended() });
      const { cancelAfterMs, terminateAfterMs } = options;
      if (cancelAfterMs !== undefined) clock.setTimer(cancelAfterMs, () => parts.root.cancel());
      if (terminateAfterMs !== undefined) clock.setTimer(terminateAfterMs, () => (result ??= terminated()));
      void execute(begin, ended).then((how) => (result ??= how));
      for (let idle = 0; result === undefined && idle < 3;) {
        await new Promise(setImmediate);
        for (const check of conditions) check();
        await new Promise(setImmediate);
        if (clock.nextMs() === undefined) idle += 1;
        else clock.advance();
      }
      parts.root.abandon();
      while (clock.nextMs() !== undefined) clock.advance(); // What the operator had set.
      if (options.hadEffect === true && result?.status === 'terminated') {
        for (const request of parts.underWay) effectOf(() => answer(base, request, byKey));
      }
      scopes.close();
      return result ?? { status: 'stuck', output: null, error: null, ended: ended() };
    },
  };

  /** Of a call whose answer nobody gets. */
  function effectOf(call: () => Json): void {
    const before = new Set(answered);
    try {
      call();
    } catch (error) {
      if (!(error instanceof CallFailed)) throw error;
    }
    for (const key of answered) if (!before.has(key)) answered.delete(key);
  }
}

async function execute(begin: (carried?: Carried) => Promise<Outcome>, ended: () => EndedRun): Promise<WorldRun> {
  try {
    let outcome = await begin();
    for (let times = 1; outcome.kind === 'continue'; times += 1) {
      if (times > mostRuns) return { status: 'endless', output: null, error: null, ended: ended() };
      outcome = await begin(JSON.parse(JSON.stringify(outcome.carried)) as Carried); // JSON by its type.
    }
    return { status: 'completed', output: outcome.output, error: null, ended: ended() };
  } catch (error) {
    if (error instanceof RunError) {
      return { status: 'failed', output: null, error: { type: error.type, message: error.message }, ended: ended() };
    }
    if (error instanceof Canceled) return { status: 'canceled', output: null, error: null, ended: ended() };
    throw error;
  }
}

interface Parts {
  scopes: ReturnType<typeof createScopes>;
  clock: ReturnType<typeof createVirtualClock>;
  conditions: Set<() => void>;
  root: Scope;
  underWay: Set<CallRequest>;
  /** Until the run is long. */
  callsLeft: number;
}

function effectsOf(parts: Parts, answer: (request: CallRequest) => Json): Effects {
  const { scopes, clock, conditions } = parts;
  const sleep = (ms: number) =>
    scopes.current().wait<undefined>(({ resolve }) => clock.setTimer(ms, () => resolve(undefined)).stop);
  return {
    async call(request) {
      const scope = scopes.current();
      if (scope.isCanceled()) throw new Canceled();
      parts.underWay.add(request);
      // To its end, as Temporal does.
      await scope.wait<undefined>(
        ({ resolve }) => clock.setTimer(10, () => resolve(undefined)).stop,
        () => undefined,
      );
      parts.underWay.delete(request);
      parts.callsLeft -= 1;
      return answer(request);
    },
    startChild: () => Promise.reject(new Error('No children here')),
    childResult: () => Promise.reject(new Error('No children here')),
    sleep,
    waitUntil: (holds, ms) =>
      scopes.current().wait<boolean>(({ resolve }) => {
        const stop = () => {
          conditions.delete(check);
          timer?.stop();
        };
        const end = (met: boolean) => {
          stop();
          resolve(met);
        };
        const check = () => {
          if (holds()) end(true);
        };
        const timer = ms === null ? undefined : clock.setTimer(ms, () => end(false));
        conditions.add(check);
        return stop;
      }),
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
    now: () => clock.nowMs(),
    cancelable: (work) => scopes.current().branch(work, false),
    shielded: (work) => scopes.current().branch(work, true).done,
    isLong: () => parts.callsLeft <= 0,
    isCanceled: () => scopes.current().isCanceled(),
    isRunCanceled: () => parts.root.isCanceled(),
    cancellation: () => new Canceled(),
    isInDoubt: (error) => error instanceof CallFailed && error.inDoubt,
    isCancellation: (error) => error instanceof Canceled,
    describe: (error) =>
      error instanceof Error ? { type: error.name, message: error.message } : { type: 'Error', message: String(error) },
  };
}
