import type { CallContext } from '../language/definition.ts';
import { activityFailure } from './failure-types.ts';
import { parseContext } from './parse-input.ts';
import type { Activities } from './create-activities.ts';
import type { Catalogue } from './catalogue.ts';
import type { OwnActivity } from './own/define-activity.ts';
import { type OwnActivityDeps, runOwnActivity } from './own/run-own-activity.ts';

export interface DispatchActivityDeps {
  /** Asked for each call, so that the latest code of a project counts. */
  latest: () => { catalogue: Pick<Catalogue, 'all'>; own: ReadonlyMap<string, OwnActivity> };
  builtIn: Activities;
  ownDeps: OwnActivityDeps;
  /** The name of the activity that Temporal asks for. */
  activityType: () => string;
}

/**
 * Runs the activity that Temporal asks for by its name: the project's, or the one that comes with Kait. Throws `ActivityUnknown` if there is
 * neither, or if the project has turned it off. That is transient: during a deployment, another worker may have it.
 */
export function createDispatchActivity(deps: DispatchActivityDeps) {
  return (input: unknown, context: unknown): Promise<unknown> => {
    const name = deps.activityType();
    const { catalogue, own } = deps.latest();
    const activity = own.get(name);
    if (activity !== undefined) return runOwnActivity(deps.ownDeps, activity, input, parseContext(name, context));
    if (!Object.hasOwn(deps.builtIn, name) || !Object.hasOwn(catalogue.all, name)) {
      return Promise.reject(activityFailure('ActivityUnknown', `The worker has no activity ${name}`));
    }
    const act = deps.builtIn[name as keyof Activities] as (input: unknown, context: CallContext) => Promise<unknown>;
    return act(input, context as CallContext); // It checks both.
  };
}
