import { z } from 'zod';
import { type Installation, sealFits } from '../storage/installation.ts';
import { activityFailure } from './failure-types.ts';

/** Activity functions by name, as Temporal registers them. */
export type ActivityFunctions = Record<string, (...args: never[]) => Promise<unknown>>;

export interface AuthorizeDeps {
  installation: Installation;
  /** The workflow that asks for the activity, as Temporal says; null if none does. */
  workflowId: () => string | null;
  /** The name of a definition, by the hash of its canonical JSON; undefined if it was never served. */
  definitionName: (hash: string) => Promise<string | undefined>;
}

const digest = z.string().regex(/^[0-9a-f]{64}$/);
const contextSchema = z.looseObject({
  authority: z.strictObject({ workflowId: z.string(), input: digest, seal: digest, definition: digest.optional() }),
});
type Authority = z.infer<typeof contextSchema>['authority'];

/** What Temporal appends to the id of a workflow that a schedule starts: `-2026-11-25T01:00:00Z`. */
const scheduledAt = /-\d{4}-\d\d-\d\dT[\d:.]+Z$/;

/**
 * Lets activities act only for runs that Kait has started. Anyone who reaches Temporal can start the interpreter with a definition of
 * their own, an activity without a workflow, or a genuine definition for an invented event; all of them fail with `RunRefused`. Tells
 * the activities which definition asks.
 * Rejects with a transient failure if the database does not answer.
 */
export function authorized<Functions extends ActivityFunctions>(activities: Functions, deps: AuthorizeDeps): Functions {
  const guarded = Object.entries(activities).map(([name, act]) => [
    name,
    async (...args: never[]) => {
      const [input, context] = args;
      const definition = await requireAuthority(context, deps);
      return act(input as never, { ...(context as object | undefined), definition } as never); // An activity checks both.
    },
  ]);
  return Object.fromEntries(guarded) as Functions; // The same names, with functions of the same shapes.
}

/** Returns the name of the definition that asks, or throws. */
async function requireAuthority(context: unknown, deps: AuthorizeDeps): Promise<string> {
  const workflowId = deps.workflowId();
  if (workflowId === null) throw refused('an activity that belongs to no run');
  const parsed = contextSchema.safeParse(context);
  if (!parsed.success) throw refused(`the run ${workflowId}`);
  const definition = await genuineDefinition(parsed.data.authority, workflowId, deps);
  if (definition === undefined) throw refused(`the run ${workflowId}`);
  return definition;
}

/**
 * The definition for which a genuine run asks; undefined if the run is not genuine. A child run is genuine if the run that it descends
 * from is, and its own definition was served. A run also asks for its children's definitions when it undoes what they did.
 */
async function genuineDefinition(
  authority: Authority,
  workflowId: string,
  deps: AuthorizeDeps,
): Promise<string | undefined> {
  if (!isSealed(authority, deps)) return undefined;
  const isRoot = authority.workflowId === workflowId;
  if (authority.definition === undefined) return isRoot ? nameIn(workflowId) : undefined;
  if (!isRoot && !workflowId.startsWith(`${authority.workflowId}/`)) return undefined;
  return deps.definitionName(authority.definition);
}

/** Kait gives a run the id `<installation>/<definition>/…`. */
function nameIn(workflowId: string): string {
  return workflowId.split('/', 2)[1] ?? '';
}

/** A copy of the database has the same key, so a seal alone does not say whose run it is. */
function isSealed({ workflowId, input: inputDigest, seal }: Authority, { installation }: AuthorizeDeps): boolean {
  if (!workflowId.startsWith(`${installation.id}/`)) return false;
  if (sealFits(installation, { kind: 'workflow', id: workflowId, inputDigest }, seal)) return true;
  return sealFits(installation, { kind: 'schedule', id: workflowId.replace(scheduledAt, ''), inputDigest }, seal);
}

function refused(what: string) {
  return activityFailure('RunRefused', `Kait did not start ${what}`);
}
