import type { CallContext } from '../language/definition.ts';
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
  /** The name of the activity that Temporal asks for. */
  activityType: () => string;
}

/**
 * Runs the activity that Temporal asks for by its name: one that is written with `defineActivity`, or a part of Kait. Throws `ActivityUnknown` if there is
 * neither, or if the project has turned it off. That is transient: during a deployment, another worker may have it.
 */
export function createDispatchActivity(deps: DispatchActivityDeps) {
  return (input: unknown, context: unknown): Promise<unknown> => {
    const name = deps.activityType();
    const { catalogue, defined } = deps.latest();
    const activity = defined.get(name);
    if (activity !== undefined) return runOwnActivity(deps.ownDeps, activity, input, parseContext(name, context));
    if (!Object.hasOwn(deps.engine, name) || !Object.hasOwn(catalogue.all, name)) {
      return Promise.reject(activityFailure('ActivityUnknown', `The worker has no activity ${name}`));
    }
    const act = deps.engine[name as keyof Activities] as (input: unknown, context: CallContext) => Promise<unknown>;
    return act(input, context as CallContext); // It checks both.
  };
}
