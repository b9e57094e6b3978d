import type { Database } from '../storage/database.ts';
import { audit, runs } from '../storage/schema.ts';
import { isRunOf } from './former-names.ts';
import type { LoadedDefinition } from './load-definitions.ts';
import { type EventKey, findFinished, type NotOffered, offerAgain, runsOf } from './replay-event.ts';
import { againIdOf, workflowIdOf } from './start-run.ts';

export interface RunAgainRequest extends EventKey {
  /** Only this definition. Default: all that have a run for the event. */
  definition?: string | undefined;
  /** Why, for the audit. */
  reason: string;
  /** Who, as their client says. */
  actor: string;
}

export interface RunAgain {
  /** Why nothing is run again. `no-run`: there is none to repeat. `not-served`: no definition of such a run is served any more. */
  refused: NotOffered | 'no-run' | 'not-served' | null;
  /** The workflow ids of the runs to come. The dispatcher starts them. */
  runs: string[];
  /** The definitions that have a run for the event and cannot have another, because they are not served any more. */
  notServed: string[];
}

/**
 * Has an event run again although it has a run: the only way to a second one. Each definition that has a run gets another under a new id,
 * as the definition is served now. Idempotency keys derive from that id, so every effect happens once more. Who asked for it, and why,
 * is recorded in the same transaction. No crash and no repeated start makes a third run of it. A run that was asked for before and
 * could not start yet is not asked for twice.
 */
export async function runAgain(
  deps: { database: Database; served: { definitions: LoadedDefinition[] }; installation: string },
  request: RunAgainRequest,
): Promise<RunAgain> {
  const { definition: only, reason, actor } = request;
  return deps.database.orm.transaction(async (orm) => {
    const event = await findFinished(orm, request);
    if (typeof event === 'string') return refused(event);
    const before = await runsOf(orm, event.id);
    const wanted = deps.served.definitions.filter(({ definition }) => only === undefined || definition.name === only);
    const served = wanted.filter((each) => before.some((run) => isRunOf(each, run)));
    const gone = before.filter((run) => !deps.served.definitions.some((each) => isRunOf(each, run)));
    const notServed = namesOf(gone).filter((name) => only === undefined || name === only);
    if (served.length === 0 && notServed.length === 0) return refused('no-run');
    if (served.length === 0) return refused('not-served', notServed);
    if (!(await offerAgain(orm, event.id))) return refused('under-way');
    const known = await runsOf(orm, event.id); // The event is locked now.
    const ids: string[] = [];
    for (const each of served) {
      const { definition, hash } = each;
      const own = known.filter((run) => isRunOf(each, run));
      const first = workflowIdOf(deps.installation, definition.name, { source: request.source, id: request.eventId });
      const workflowId = own.find(({ startedAt }) => startedAt === null)?.workflowId ?? againIdOf(first, own.length);
      const run = { workflowId, event: event.id, definition: definition.name, definitionHash: hash, startedAt: null };
      await orm.insert(runs).values(run).onConflictDoNothing();
      await orm.insert(audit).values({ actor, action: 'run-again', target: workflowId, reason });
      ids.push(workflowId);
    }
    return { refused: null, runs: ids, notServed };
  });
}

function refused(why: RunAgain['refused'], notServed: string[] = []): RunAgain {
  return { refused: why, runs: [], notServed };
}

function namesOf(known: readonly { definition: string }[]): string[] {
  return [...new Set(known.map(({ definition }) => definition))];
}
