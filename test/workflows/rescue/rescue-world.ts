import type { Definition, RunInput } from '../../../language/definition.ts';
import type { Json, JsonObject } from '../../../language/json.ts';
import { createScopes } from '../../../simulator/scopes.ts';
import { Canceled, type Scope } from '../../../simulator/scopes.ts';
import { createVirtualClock } from '../../../simulator/virtual-time.ts';
import type { CallRequest, Effects } from '../../../workflows/effects.ts';
import { createInterpreter, type Interpreter } from '../../../workflows/interpreter.ts';
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
  status: 'completed' | 'failed' | 'canceled' | 'stuck';
  output: Json;
  error: { type: string; message: string } | null;
  ended: EndedRun;
}

/** A world in which each key has one effect, whatever run asks for it. `world.undo` undoes the effect of the key in its input. */
export interface RescueWorld {
  effects: () => Effect[];
  /** Keys with a different input than the effect that they stand for. */
  reused: () => string[];
  /** The keys of all calls, in order. */
  calls: string[];
  run: (definition: Definition, options?: { rescue?: RunInput['rescue']; faults?: Fault[] }) => Promise<WorldRun>;
}

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
  const reused: string[] = [];
  const calls: string[] = [];
  let ids = 0;

  function answer(base: string, { key, activity, input }: CallRequest, faults: Map<string, Fault>): Json {
    const fullKey = `${base}/${key}`;
    calls.push(key);
    const plain = key.replaceAll(/~\d+/g, '');
    const fault = faults.get(plain);
    if (fault !== undefined && !fault.inDoubt) throw new CallFailed(`${key} is unavailable`, false);
    if (activity === 'world.undo') {
      const target = happened.get(input.key as string);
      if (target !== undefined) target.isUndone = true;
      return null;
    }
    const known = happened.get(fullKey);
    if (known === undefined) {
      ids += 1;
      happened.set(fullKey, { key: fullKey, input, output: { id: `id_${ids}` }, isUndone: false });
    } else if (JSON.stringify(known.input) !== JSON.stringify(input)) reused.push(fullKey);
    if (fault !== undefined) throw new CallFailed(`${key} did not answer`, true);
    return happened.get(fullKey)?.output ?? null;
  }

  return {
    effects: () => [...happened.values()],
    reused: () => reused,
    calls,
    async run(definition, { rescue, faults = [] } = {}) {
      const scopes = createScopes();
      const clock = createVirtualClock(Date.parse('2026-01-01T00:00:00Z'));
      const conditions = new Set<() => void>();
      const root = scopes.root();
      const base = rescue?.keys ?? firstRun;
      const byKey = new Map(faults.map((fault) => [fault.key, fault]));
      const effects = effectsOf({ scopes, clock, conditions, root }, (request) => answer(base, request, byKey));
      const input: RunInput = {
        definition,
        definitionHash: 'hash',
        event: sampleEvent(),
        localActivities: [],
        ...(rescue && { rescue }),
      };
      const interpreter = createInterpreter({ input, runId: base, effects, observer: {} });
      let result: WorldRun | undefined;
      void root.run(() => execute(interpreter)).then((how) => (result = how));
      for (let idle = 0; result === undefined && idle < 3;) {
        await new Promise(setImmediate);
        for (const check of conditions) check();
        await new Promise(setImmediate);
        if (clock.nextMs() === undefined) idle += 1;
        else clock.advance();
      }
      return result ?? { status: 'stuck', output: null, error: null, ended: interpreter.ended() };
    },
  };
}

async function execute(interpreter: Interpreter): Promise<WorldRun> {
  const ended = () => JSON.parse(JSON.stringify(interpreter.ended())) as EndedRun; // JSON by its type.
  try {
    const outcome = await interpreter.execute();
    const output = outcome.kind === 'completed' ? outcome.output : null;
    return { status: 'completed', output, error: null, ended: ended() };
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
}

function effectsOf({ scopes, clock, conditions, root }: Parts, answer: (request: CallRequest) => Json): Effects {
  const sleep = (ms: number) =>
    scopes.current().wait<undefined>(({ resolve }) => clock.setTimer(ms, () => resolve(undefined)).stop);
  return {
    async call(request) {
      const scope = scopes.current();
      if (scope.isCanceled()) throw new Canceled();
      // To its end, as Temporal does.
      await scope.wait<undefined>(
        ({ resolve }) => clock.setTimer(10, () => resolve(undefined)).stop,
        () => undefined,
      );
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
    recordDecision: () => Promise.resolve({ refusal: null }),
    closeApproval: () => Promise.resolve(),
    mailApproval: () => Promise.resolve(),
    nextTask: () => Promise.resolve(),
    now: () => clock.nowMs(),
    cancelable: (work) => scopes.current().branch(work, false),
    shielded: (work) => scopes.current().branch(work, true).done,
    isLong: () => false,
    isCanceled: () => scopes.current().isCanceled(),
    isRunCanceled: () => root.isCanceled(),
    cancellation: () => new Canceled(),
    isInDoubt: (error) => error instanceof CallFailed && error.inDoubt,
    isCancellation: (error) => error instanceof Canceled,
    describe: (error) =>
      error instanceof Error ? { type: error.name, message: error.message } : { type: 'Error', message: String(error) },
  };
}
