import { isStepCommand, type NumberedCommand } from '../workflows/commands.ts';
import { createInterpreter, type Carried, type Interpreter } from '../workflows/interpreter.ts';
import { RunError } from '../workflows/run-error.ts';
import { createChildRuns } from './child-runs.ts';
import { Canceled } from './scopes.ts';
import type { RunEnd, RunOptions, SimulatedRun } from './run.ts';
import { simulatedEffects } from './simulated-effects.ts';

/** Starts a run, which proceeds as the world does. */
export function startRun(options: RunOptions): SimulatedRun {
  const { world } = options;
  const events = [...options.events];
  const recorder = world.recorder.forRun(options);
  const children = createChildRuns({ world, recorder, parent: options, events, startRun });
  let scope = world.scopes.root();
  let interpreter: Interpreter | undefined;
  let end: RunEnd | undefined;

  function createNext(carried: Carried | undefined): Interpreter {
    const { definition, runId, prefix, vars } = options;
    const begunAt = world.stepsEnded();
    const isLong = () => world.stepsEnded() - begunAt >= world.continueEvery;
    const effects = simulatedEffects({ world, recorder, prefix, children, root: scope, isLong });
    const { event, localActivities, activityLimits, childInputs, settings } = world;
    const handsUp = options.handsUp === true;
    const input = {
      definition,
      definitionHash: 'simulated',
      event,
      localActivities,
      activityLimits,
      children: childInputs,
      settings,
      vars,
      handsUp,
    };
    return createInterpreter({ input, runId, effects, observer: recorder, carried });
  }

  /** Executes the run to its end, continuing it as a new one whenever it gets long. */
  async function execute(): Promise<RunEnd> {
    let next = createNext(undefined);
    for (const event of events) next.receive(event);
    for (;;) {
      interpreter = next;
      const outcome = await scope.run(() => next.execute());
      if (outcome.kind === 'completed') return { status: 'completed', output: outcome.output, undo: outcome.undo };
      world.continued();
      scope.abandon();
      scope = world.scopes.root();
      next = createNext(JSON.parse(JSON.stringify(outcome.carried)) as Carried); // JSON by its type.
    }
  }

  function live(): Interpreter {
    if (interpreter === undefined || end !== undefined) throw new Error('The run has ended.');
    return interpreter;
  }

  // Not at once: definitions that start each other would exhaust the stack before they reach the limit of steps.
  world.clock.setTimer(0, () => {
    void execute()
      .catch((error: unknown) => endOf(error, interpreter?.leavesNothing() ?? true))
      .then((how) => options.ended((end = how)));
  });

  return {
    end: () => end,
    isOver: () => end !== undefined && children.all().every((run) => run.isOver()),
    receive(event) {
      events.push(event);
      if (end === undefined) interpreter?.receive(event);
      for (const run of children.all()) run.receive(event);
    },
    async decide(decision) {
      const owner = children.ownerOf(decision.step);
      if (owner === undefined) await live().decide(decision);
      else await owner.run.decide({ ...decision, step: owner.step });
    },
    async command(command) {
      const owner = isStepCommand(command) ? children.ownerOf(command.step) : undefined;
      if (owner === undefined) await scope.run(() => live().command(command));
      else await owner.run.command({ ...command, step: owner.step } as NumberedCommand); // It is about a step.
    },
    cancel: () => scope.cancel(),
  };
}

function endOf(error: unknown, leavesNothing: boolean): RunEnd {
  if (error instanceof RunError) return { status: 'failed', error, leavesNothing };
  if (error instanceof Canceled) return { status: 'canceled' };
  return { status: 'broken', error: error instanceof Error ? error : new Error(String(error)) };
}
