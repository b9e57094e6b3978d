import { z } from 'zod';
import { type Installation, sealFits } from '../storage/installation.ts';
import { activityFailure } from './failure-types.ts';

/** Activity functions by name, as Temporal registers them. */
export type ActivityFunctions = Record<string, (...args: never[]) => Promise<unknown>>;

export interface AuthorizeDeps {
  installation: Pick<Installation, 'sealKey'>;
  /** The workflow that asks for the activity, as Temporal says; null if none does. */
  workflowId: () => string | null;
  /** Whether this definition was ever served, by the hash of its canonical JSON. */
  knowsDefinition: (hash: string) => Promise<boolean>;
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
 * their own, an activity without a workflow, or a genuine definition for an invented event; all of them fail with `RunRefused`.
 * Rejects with a transient failure if the database does not answer.
 */
export function authorized<Functions extends ActivityFunctions>(activities: Functions, deps: AuthorizeDeps): Functions {
  const guarded = Object.entries(activities).map(([name, act]) => [
    name,
    async (...args: never[]) => {
      await requireAuthority(args[1], deps);
      return act(...args);
    },
  ]);
  return Object.fromEntries(guarded) as Functions; // The same names, with functions of the same shapes.
}

async function requireAuthority(context: unknown, deps: AuthorizeDeps): Promise<void> {
  const workflowId = deps.workflowId();
  if (workflowId === null) throw refused('an activity that belongs to no run');
  const parsed = contextSchema.safeParse(context);
  if (!parsed.success) throw refused(`the run ${workflowId}`);
  if (!(await isGenuine(parsed.data.authority, workflowId, deps))) throw refused(`the run ${workflowId}`);
}

/** A child run is genuine if the run that it descends from is, and its own definition was served. */
async function isGenuine(authority: Authority, workflowId: string, deps: AuthorizeDeps): Promise<boolean> {
  if (!isSealed(authority, deps)) return false;
  if (authority.definition === undefined) return authority.workflowId === workflowId;
  return workflowId.startsWith(`${authority.workflowId}/`) && (await deps.knowsDefinition(authority.definition));
}

function isSealed({ workflowId, input: inputDigest, seal }: Authority, { installation }: AuthorizeDeps): boolean {
  if (sealFits(installation, { kind: 'workflow', id: workflowId, inputDigest }, seal)) return true;
  return sealFits(installation, { kind: 'schedule', id: workflowId.replace(scheduledAt, ''), inputDigest }, seal);
}

function refused(what: string) {
  return activityFailure('RunRefused', `Kait did not start ${what}`);
}
