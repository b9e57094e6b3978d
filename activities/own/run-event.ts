import { and, eq } from 'drizzle-orm';
import type { CallContext } from '../../language/definition.ts';
import type { Database } from '../../storage/database.ts';
import { events } from '../../storage/schema.ts';
import { envelopeColumns, readEnvelope } from '../../storage/stored-envelope.ts';
import { askDatabase } from '../ask-database.ts';
import { activityFailure } from '../failure-types.ts';
import type { ActivityEvent } from './define-activity.ts';

/** Reads the event of a run from the inbox. The function that it resolves to throws `EventUnknown` if its details have been deleted. */
export async function readRunEvent(
  { orm }: Pick<Database, 'orm'>,
  { source, eventId }: Pick<CallContext, 'source' | 'eventId'>,
): Promise<() => ActivityEvent> {
  const [found] = await askDatabase(() =>
    orm
      .select(envelopeColumns)
      .from(events)
      .where(and(eq(events.source, source), eq(events.eventId, eventId))),
  );
  return () => {
    const envelope = found === undefined ? null : readEnvelope(found);
    if (envelope === null) {
      throw activityFailure('EventUnknown', `The inbox has no details of the event ${eventId} of ${source} any more`);
    }
    return envelope;
  };
}
