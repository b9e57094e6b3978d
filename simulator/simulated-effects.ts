import type { Json } from '../language/json.ts';
import type { CallRequest, ChildRequest, Effects } from '../workflows/effects.ts';
import { parkedLimitMs } from '../workflows/run-step.ts';
import { RunError } from '../workflows/run-error.ts';
import type { RunRecorder } from './recorder.ts';
import { Canceled, type Settle } from './scopes.ts';
import { CallFailed, simulateCall } from './simulated-call.ts';
import { LimitExceeded, type World } from './world.ts';

export interface EffectsDeps {
  world: World;
  recorder: RunRecorder;
  /** Precedes the path of each step of the run. */
  prefix: string;
  /** Starts another definition's run, unless a mock replaces it. */
  runChild: (request: ChildRequest) => Promise<Json>;
  isLong: () => boolean;
}

/** A run's effects on the virtual clock. */
export function simulatedEffects({ world, recorder, prefix, runChild, isLong }: EffectsDeps): Effects {
  const { clock, conditions, scopes } = world;

  function sleep(ms: number): Promise<void> {
    return scopes.current().wait(({ resolve }: Settle<void>) => clock.setTimer(ms, resolve).stop);
  }

  return {
    call(request) {
      world.assertWithinLimits();
      recorder.called(request);
      return simulateCall(request, callDeps(request, sleep, { world, recorder, prefix }));
    },
    runChild(request) {
      recorder.startedChild(request);
      return runChild(request);
    },
    sleep,
    waitUntil(holds, ms, summary) {
      return scopes.current().wait<boolean>(({ resolve }) => {
        // Only the script can resume a parked step. Reporting that helps more than letting a year pass.
        const timer = ms === null || ms >= parkedLimitMs ? undefined : clock.setTimer(ms, () => end(false));
        const condition = conditions.add({ holds, met: () => end(true), summary });
        const stop = () => {
          timer?.stop();
          condition.remove();
        };
        const end = (met: boolean) => {
          stop();
          resolve(met);
        };
        return stop;
      });
    },
    now() {
      world.assertWithinLimits();
      return clock.nowMs();
    },
    cancelable: (work) => scopes.current().branch(work, false),
    shielded: (work) => scopes.current().branch(work, true).done,
    isLong,
    // An exceeded limit acts like a cancellation: no step handles it.
    isCancellation: (error) => error instanceof Canceled || error instanceof LimitExceeded,
    describe: describeError,
  };
}

function callDeps(
  request: CallRequest,
  sleep: (ms: number) => Promise<void>,
  { world, recorder, prefix }: Pick<EffectsDeps, 'world' | 'recorder' | 'prefix'>,
): Parameters<typeof simulateCall>[1] {
  const { key, activity, input } = request;
  const path = prefix + key;
  return {
    nowMs: world.clock.nowMs,
    sleep,
    nextAnswer: () => world.answers.next(path) ?? { afterMs: 0 },
    madeUp: () => world.madeUp({ activity, path, input }),
    inputFault: () => world.inputFault(activity, input),
    finalErrors: world.finalErrors,
    attempted: (attempt) => recorder.attempted(request, attempt),
  };
}

/** As in Temporal, a failed child run is described by the type of its failed step and the message of the root cause. */
function describeError(error: unknown): { type: string; message: string } {
  const named = error instanceof RunError || error instanceof CallFailed;
  const type = named ? error.type : error instanceof Error ? error.name : 'Error';
  return { type, message: innermostMessage(error) };
}

function innermostMessage(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? innermostMessage(error.cause) : error.message;
}
