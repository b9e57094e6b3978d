import type { CallContext } from '../../language/definition.ts';
import type { Database } from '../../storage/database.ts';
import { findEnvelope } from '../../storage/find-envelope.ts';
import { askDatabase } from '../ask-database.ts';
import { activityFailure } from '../failure-types.ts';
import type { ActivityEvent } from './define-activity.ts';

/** Reads the event of a run from the inbox. The function that it resolves to throws `EventUnknown` if its details have been deleted. */
export async function readRunEvent(
  database: Pick<Database, 'run'>,
  context: Pick<CallContext, 'source' | 'eventId'>,
): Promise<() => ActivityEvent> {
  const { source, eventId } = context;
  const envelope = await askDatabase(() => findEnvelope(database, context));
  return () => {
    if (envelope === undefined || envelope === null) {
      throw activityFailure('EventUnknown', `The inbox has no details of the event ${eventId} of ${source} any more`);
    }
    return envelope;
  };
}
