import type { CanonicalEvent } from '../language/event.ts';
import { keyInAnyGeneration } from '../language/rescue.ts';
import { personKey, refusalByRole } from '../language/approval.ts';
import type { CallRequest, Effects, StepError } from '../workflows/effects.ts';
import { parkedLimitMs } from '../workflows/run-step.ts';
import { RunError } from '../workflows/run-error.ts';
import { runsLocally } from '../workflows/runs-locally.ts';
import type { RunRecorder } from './recorder.ts';
import type { ChildRuns } from './child-runs.ts';
import { Canceled, type Scope, type Settle } from './scopes.ts';
import { CallFailed, innermostMessage, simulateCall } from './simulated-call.ts';
import { LimitExceeded, type World } from './world.ts';

export interface EffectsDeps {
  world: World;
  recorder: RunRecorder;
  /** Precedes the path of each step of the run. */
  prefix: string;
  /** The runs of other definitions, unless mocks replace them. */
  children: Pick<ChildRuns, 'start' | 'result'>;
  /** The scope of the whole run. */
  root: Scope;
  isLong: () => boolean;
}

/** A run's effects on the virtual clock. */
export function simulatedEffects({ world, recorder, prefix, children, root, isLong }: EffectsDeps): Effects {
  const { clock, conditions, scopes } = world;

  function sleep(ms: number): Promise<void> {
    return scopes.current().wait(({ resolve }: Settle<void>) => clock.setTimer(ms, resolve).stop);
  }

  function assertWithinLimits(): void {
    const exceeded = world.exceeded();
    if (exceeded !== undefined) throw exceeded;
  }

  return {
    call(request, begun) {
      assertWithinLimits();
      recorder.called(request);
      const perform = () => simulateCall(request, callDeps(request, sleep, { world, recorder, prefix }));
      if (begun === undefined || runsLocally(request, world.localActivities)) return perform();
      const { done, cancel } = scopes.current().branch(perform, false);
      begun(cancel);
      return done;
    },
    async startChild(request) {
      recorder.startedChild(request);
      // As in Temporal, a canceled run starts no other.
      if (scopes.current().isCanceled()) throw new Canceled();
      return children.start(request);
    },
    childResult: (request) => children.result(request),
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
    // The script's later events reach the run at their times, and no other step takes them meanwhile.
    openWait({ after, lookBackMs }) {
      const sinceMs = Date.parse(world.event.receivedAt) - lookBackMs;
      const isInReach = ({ receivedAt }: CanonicalEvent) => Date.parse(receivedAt) >= sinceMs;
      const events = after === null ? world.earlier.filter(isInReach) : [];
      return Promise.resolve({ events, after: after ?? 0, more: false });
    },
    claimEvent: () => Promise.resolve({ taken: true, confirm: false }),
    closeWait: () => Promise.resolve(),
    endTurn: () => Promise.resolve(),
    openApproval: () => Promise.resolve(),
    recordDecision(_step, { by, rules }) {
      const roles = world.roles.get(personKey(by)) ?? [];
      return Promise.resolve({ refusal: refusalByRole(rules, by, { id: by, name: null, mail: null, roles }) });
    },
    recordCommand: () => Promise.resolve(null),
    migrated: () => Promise.resolve(),
    closeApproval: () => Promise.resolve(),
    mailApproval: () => Promise.resolve(),
    closeAnswers: () => Promise.resolve(),
    nextTask: () => Promise.resolve(), // All is one.
    now() {
      assertWithinLimits();
      return clock.nowMs();
    },
    cancelable: (work) => scopes.current().branch(work, false),
    shielded: (work) => scopes.current().branch(work, true).done,
    // An exceeded limit acts like a cancellation: no step handles it.
    isCanceled: () => scopes.current().isCanceled() || world.exceeded() !== undefined,
    isRunCanceled: () => root.isCanceled() || world.exceeded() !== undefined,
    cancellation: () => world.exceeded() ?? new Canceled(),
    isLong,
    isInDoubt: (error) => error instanceof CallFailed && error.inDoubt,
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
    wait: (ms) =>
      world.scopes.current().wait(
        ({ resolve }: Settle<void>) => world.clock.setTimer(ms, resolve).stop,
        () => undefined,
      ),
    isCanceled: () => world.scopes.current().isCanceled(),
    harmlessErrors: world.harmlessErrors,
    nextAnswer: () => world.answers.next(keyInAnyGeneration(path)) ?? { afterMs: 0 },
    madeUp: () => world.madeUp({ activity, path, input }),
    inputFault: () => world.inputFault(activity, input),
    finalErrors: world.finalErrors,
    attempted: (attempt) => recorder.attempted(request, attempt),
  };
}

/** As in Temporal, a failed child run is described by the type of its failed step and the message of the root cause. */
function describeError(error: unknown): StepError {
  const answer = error instanceof CallFailed ? error.answer : undefined;
  const named = error instanceof RunError || error instanceof CallFailed;
  const type = named ? error.type : error instanceof Error ? error.name : 'Error';
  return { type, message: innermostMessage(error), ...(answer && { answer }) };
}
