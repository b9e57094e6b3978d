import type { CanonicalEvent } from '../language/event.ts';
import type { Json } from '../language/json.ts';
import type { ChildRequest } from '../workflows/effects.ts';
import { RunError } from '../workflows/run-error.ts';
import type { MockAnswer } from './mocks.ts';
import type { RunRecorder } from './recorder.ts';
import { Canceled } from './scopes.ts';
import { CallFailed } from './simulated-call.ts';
import type { RunEnd, RunOptions, SimulatedRun } from './run.ts';
import type { World } from './world.ts';

/** The runs that the `run` steps of a run have started. */
export interface ChildRuns {
  /** See `Effects.runChild`. A mock replaces the other run. */
  run(request: ChildRequest): Promise<Json>;
  all(): SimulatedRun[];
  /** The run that contains the step at a path, and the step's path in it; undefined if none of these runs does. */
  ownerOf(path: string): { run: SimulatedRun; step: string } | undefined;
}

interface Child {
  prefix: string;
  run: SimulatedRun;
  /** Called with its end. */
  waiting: ((end: RunEnd) => void)[];
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

  function start({ key, stepId, definition: name, vars }: ChildRequest): Child {
    const path = parent.prefix + key;
    const definition = Object.hasOwn(world.children, name) ? world.children[name] : undefined;
    if (definition === undefined) {
      const hint = `Mock "${path}", or put the definition beside this one`;
      throw new RunError('DefinitionUnknown', stepId, `There is no definition "${name}". ${hint}`);
    }
    const waiting: Child['waiting'] = [];
    const prefix = `${path}/`;
    const run = startRun({
      world,
      definition,
      runId: `${parent.runId}/${key}`,
      prefix,
      depth: recorder.depthOf(stepId) + 1,
      vars,
      events,
      ended: (end) => waiting.forEach((tell) => tell(end)),
    });
    const child = { prefix, run, waiting };
    children.set(key, child);
    return child;
  }

  return {
    run(request) {
      const mock = world.answers.next(parent.prefix + request.key);
      if (mock !== undefined) return answerOf(mock, world);
      const known = children.get(request.key);
      // A failed run is started again when its parked step is retried.
      const child = known === undefined || known.run.end()?.status === 'failed' ? start(request) : known;
      if (request.detach) return Promise.resolve({ workflowId: `${parent.runId}/${request.key}` });
      return endOf(child, world);
    },
    all: () => [...children.values()].map(({ run }) => run),
    ownerOf(path) {
      const child = [...children.values()].find(({ prefix }) => path.startsWith(prefix));
      return child === undefined ? undefined : { run: child.run, step: path.slice(child.prefix.length) };
    },
  };
}

function answerOf({ afterMs, error, result = null }: MockAnswer, { clock, scopes }: World): Promise<Json> {
  return scopes.current().wait<Json>(({ resolve, reject }) => {
    const answer = () => (error === undefined ? resolve(result) : reject(new CallFailed(error.type, error.message)));
    return clock.setTimer(afterMs, answer).stop;
  });
}

/** Canceling the waiting run cancels the other one, which ends first, so that its steps are undone. */
function endOf({ run, waiting }: Child, { scopes }: World): Promise<Json> {
  return scopes.current().wait<Json>(
    ({ resolve, reject }) => {
      const tell = (end: RunEnd): void => {
        if (end.status === 'completed') resolve(end.output);
        else reject(end.status === 'canceled' ? new Canceled() : end.error);
      };
      const known = run.end();
      if (known === undefined) waiting.push(tell);
      else tell(known);
      return () => undefined;
    },
    () => run.cancel(),
  );
}
