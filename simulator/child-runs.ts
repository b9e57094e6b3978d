import type { CanonicalEvent } from '../language/event.ts';
import type { Json } from '../language/json.ts';
import type { ChildRequest, ChildResult, StartedChild } from '../workflows/effects.ts';
import { RunError } from '../workflows/run-error.ts';
import type { MockAnswer } from './mocks.ts';
import type { RunRecorder } from './recorder.ts';
import { Canceled } from './scopes.ts';
import { CallFailed, innermostMessage } from './simulated-call.ts';
import type { RunEnd, RunOptions, SimulatedRun } from './run.ts';
import type { World } from './world.ts';

/** The runs that the `run` steps of a run have started. */
export interface ChildRuns {
  /** See `Effects.startChild`. A mock replaces the other run. */
  start(request: ChildRequest): Promise<StartedChild>;
  /** See `Effects.childResult`. */
  result(request: ChildRequest): Promise<ChildResult>;
  all(): SimulatedRun[];
  /** The run that contains the step at a path, and the step's path in it; undefined if none of these runs does. */
  ownerOf(path: string): { run: SimulatedRun; step: string } | undefined;
}

interface Child {
  prefix: string;
  run: SimulatedRun;
  /** Called with its end. */
  waiting: Set<(end: RunEnd) => void>;
}

export interface ChildRunsDeps {
  world: World;
  recorder: RunRecorder;
  parent: Pick<RunOptions, 'runId' | 'prefix'>;
  /** The events received so far. A new run must not miss the ones that arrived before it started. */
  events: CanonicalEvent[];
  startRun: (options: RunOptions) => SimulatedRun;
}

export function createChildRuns({ world, recorder, parent, events, startRun }: ChildRunsDeps): ChildRuns {
  const children = new Map<string, Child>();
  /** Mocks that replace runs, by key. */
  const mocked = new Map<string, { answer: MockAnswer; startedMs: number }>();

  function startChild({ key, stepId, definition: name, vars, detach }: ChildRequest): Child {
    const path = parent.prefix + key;
    const definition = Object.hasOwn(world.children, name) ? world.children[name] : undefined;
    if (definition === undefined) {
      const hint = `Mock "${path}", or put the definition beside this one`;
      throw new RunError('DefinitionUnknown', stepId, `There is no definition "${name}". ${hint}`);
    }
    const waiting: Child['waiting'] = new Set();
    const prefix = `${path}/`;
    const run = startRun({
      world,
      definition,
      runId: `${parent.runId}/${key}`,
      prefix,
      depth: recorder.depthOf(stepId) + 1,
      vars,
      handsUp: !detach,
      events,
      ended: (end) => waiting.forEach((tell) => tell(end)),
    });
    const child = { prefix, run, waiting };
    children.set(key, child);
    return child;
  }

  function mockedResult(key: string): Promise<Json> {
    const { answer, startedMs } = mocked.get(key) ?? { answer: { afterMs: 0 }, startedMs: 0 };
    const { afterMs, error, result = null } = answer;
    return world.scopes.current().wait<Json>(({ resolve, reject }) => {
      const end = () => {
        if (error === undefined) return resolve(result);
        const { type, message, inDoubt = !world.harmlessErrors.includes(type) } = error;
        reject(new CallFailed(type, message, inDoubt));
      };
      return world.clock.setTimer(startedMs + afterMs - world.clock.nowMs(), end).stop;
    });
  }

  return {
    async start(request) {
      const { key, detach } = request;
      const workflowId = `${parent.runId}/${key}`;
      const started = { workflowId, runId: workflowId };
      const answer = world.answers.next(parent.prefix + key);
      if (answer === undefined) {
        const known = children.get(key);
        // A parked step that is retried starts another run in place of one that has failed. What ended well stands.
        const end = known?.run.end()?.status;
        if (known === undefined || (end !== undefined && end !== 'completed')) startChild(request);
      } else {
        mocked.set(key, { answer, startedMs: world.clock.nowMs() });
        if (detach) return { ...started, ...((await mockedResult(key)) as object | null) }; // Whatever the test says.
      }
      return started;
    },
    async result({ key, stepId }) {
      if (mocked.has(key)) return { output: await mockedResult(key), undo: [] };
      const child = children.get(key);
      if (child === undefined) throw new RunError('DefinitionUnknown', stepId, `Step "${stepId}" has started no run`);
      return endOf(child, world);
    },
    all: () => [...children.values()].map(({ run }) => run),
    ownerOf(path) {
      const child = [...children.values()].find(({ prefix }) => path.startsWith(prefix));
      return child === undefined ? undefined : { run: child.run, step: path.slice(child.prefix.length) };
    },
  };
}

/** Canceling the waiting run cancels the other one, which ends first, so that its steps are undone. */
function endOf({ run, waiting }: Child, { scopes }: World): Promise<ChildResult> {
  const scope = scopes.current();
  return scope.wait<ChildResult>(
    ({ resolve, reject }) => {
      const tell = (end: RunEnd): void => {
        if (end.status === 'completed') resolve({ output: end.output, undo: end.undo });
        else if (end.status === 'failed') reject(failureOf(end));
        else if (end.status === 'broken') reject(end.error);
        else
          reject(scope.isCanceled() ? new Canceled() : new CallFailed('ChildCanceled', 'The run was canceled', true));
      };
      const known = run.end();
      if (known === undefined) waiting.add(tell);
      else tell(known);
      return () => void waiting.delete(tell); // The parent continues as new, and asks again.
    },
    () => run.cancel(),
  );
}

/** As in Temporal: by the type of the failed step and the message of the root cause. */
function failureOf({ error, leavesNothing }: RunEnd & { status: 'failed' }): CallFailed {
  return new CallFailed(error.type, innermostMessage(error), !leavesNothing);
}
