import { allSteps } from '../language/plan.ts';
import type { Step } from '../language/definition.ts';
import type { JsonObject } from '../language/json.ts';
import type { Frame } from './run-context.ts';
import { bare, type RunState } from './run-state.ts';

/** The frame of the run's own steps. Nothing around them handles their failures. */
export function rootFrame(state: RunState): Frame {
  return { suffix: '', outputs: state.outputs, status: state.status, locals: {}, handles: () => false, races: [] };
}

/**
 * A frame for one pass of a loop: the steps inside start anew, everything else looks as it does from outside. Resumes an item
 * that was open when the run continued as new. {@link closeItem} ends it.
 */
export function itemFrame(
  around: Frame,
  state: RunState,
  loop: { stepId: string; index: number; body: Step[]; locals: JsonObject },
): Frame {
  const suffix = `${around.suffix}/${loop.index}`;
  const open = state.items[`${loop.stepId}${suffix}`];
  const frame: Frame = {
    ...around,
    suffix,
    outputs: bare(around.outputs),
    status: bare(around.status),
    locals: { ...around.locals, ...loop.locals, index: loop.index },
  };
  const own = { outputs: bare(open?.outputs), status: bare(open?.status) };
  for (const { id } of allSteps(loop.body)) {
    Reflect.deleteProperty(frame.outputs, id);
    frame.status[id] = own.status[id] ?? 'pending';
    if (Object.hasOwn(own.outputs, id)) frame.outputs[id] = own.outputs[id] ?? null;
  }
  state.items[`${loop.stepId}${suffix}`] = frame;
  return frame;
}

/** Whether the item was open when the run continued as new, or when the run ended from which this one goes on. */
export function hasItem(state: RunState, stepId: string, suffix: string): boolean {
  return Object.hasOwn(state.items, `${stepId}${suffix}`);
}

export function closeItem(state: RunState, stepId: string, frame: Frame): void {
  Reflect.deleteProperty(state.items, `${stepId}${frame.suffix}`);
}

/** The open items of a run that continues as new, reduced to the steps inside each loop: the state holds the rest already. */
export function carriedItems(state: RunState, steps: Step[]): RunState['items'] {
  const bodies = new Map(allSteps(steps).map((step) => [step.id, new Set(idsInside(step))]));
  return Object.fromEntries(
    Object.entries(state.items).map(([key, { outputs, status }]) => {
      const inside = bodies.get(key.split('/', 1)[0] ?? '') ?? new Set();
      return [key, { outputs: only(outputs, inside), status: only(status, inside) }];
    }),
  );
}

function idsInside(step: Step): string[] {
  return allSteps([step])
    .slice(1)
    .map(({ id }) => id);
}

function only<Value>(members: Record<string, Value>, names: ReadonlySet<string>): Record<string, Value> {
  return Object.fromEntries(Object.entries(members).filter(([name]) => names.has(name)));
}
