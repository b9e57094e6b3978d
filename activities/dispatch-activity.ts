import { ApplicationFailure } from '@temporalio/common';
import type { CallContext } from '../language/definition.ts';
import { elsewhereType } from '../language/elsewhere.ts';
import { activityFailure } from './failure-types.ts';
import { parseContext } from './parse-input.ts';
import type { Catalogue } from './catalogue.ts';
import type { Activities } from './create-activities.ts';
import type { OwnActivity } from './own/define-activity.ts';
import { type OwnActivityDeps, runOwnActivity } from './own/run-own-activity.ts';

export interface DispatchActivityDeps {
  /** Asked for each call, so that the latest code of a project counts. */
  latest: () => { catalogue: Pick<Catalogue, 'all'>; defined: ReadonlyMap<string, OwnActivity> };
  /** Those that are parts of Kait. */
  engine: Activities;
  ownDeps: OwnActivityDeps;
  /**
   * Whether the published set of definitions was made for another activity of this name than this process has, or for one that it lacks.
   * Default: nothing was published.
   */
  isOther?: (name: string) => boolean;
  /** The name of the activity that Temporal asks for. */
  activityType: () => string;
}

/**
 * Runs the activity that Temporal asks for by its name: one that is written with `defineActivity`, or a part of Kait. Throws `ActivityUnknown` if there is
 * neither, or if the project has turned it off. That is transient: during a deployment, another worker may have it. If the published set was
 * made for an activity that this process lacks, or has in another form which refuses the input, the run waits for a worker that has it.
 */
export function createDispatchActivity(deps: DispatchActivityDeps) {
  const { isOther = () => false } = deps;
  return async (input: unknown, context: unknown): Promise<unknown> => {
    const name = deps.activityType();
    try {
      return await perform(deps, name, input, context);
    } catch (error) {
      const type = error instanceof ApplicationFailure ? error.type : undefined;
      if ((type === 'ActivityUnknown' || type === 'InputInvalid') && isOther(name)) throw elsewhere(name);
      throw error;
    }
  };
}

async function perform(deps: DispatchActivityDeps, name: string, input: unknown, context: unknown): Promise<unknown> {
  const { catalogue, defined } = deps.latest();
  const activity = defined.get(name);
  if (activity !== undefined) return runOwnActivity(deps.ownDeps, activity, input, parseContext(name, context));
  if (!Object.hasOwn(deps.engine, name) || !Object.hasOwn(catalogue.all, name)) {
    throw activityFailure('ActivityUnknown', `The worker has no activity ${name}`);
  }
  const act = deps.engine[name as keyof Activities] as (input: unknown, context: CallContext) => Promise<unknown>;
  return act(input, context as CallContext); // It checks both.
}

/** Fails the attempt, but not the call. */
function elsewhere(name: string): ApplicationFailure {
  const message = `This worker lacks the activity ${name} for which the published set was made`;
  return ApplicationFailure.create({
    ...{ type: elsewhereType, message, nonRetryable: true },
    details: [{ effect: 'none' }],
  });
}
