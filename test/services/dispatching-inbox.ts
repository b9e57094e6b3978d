import { pino } from 'pino';
import { composeDispatch } from '../../cli/compose/compose-dispatch.ts';
import type { TemporalAccess } from '../../cli/compose/temporal-access.ts';
import type { Definition } from '../../language/definition.ts';
import { createBacklog } from '../../server/backlog.ts';
import { createDispatcher } from '../../server/dispatcher.ts';
import { createInbox } from '../../server/inbox.ts';
import { createMetrics } from '../../server/metrics.ts';
import type { NewEvent } from '../../server/new-event.ts';
import { createCorrelate } from '../../server/waits/correlate-events.ts';
import type { Database } from '../../storage/database.ts';
import type { Installation } from '../../storage/installation.ts';

const definition: Definition = {
  name: 'fulfil-order',
  on: { event: 'payment.succeeded' },
  steps: [{ id: 'done', wait: '1s' }],
};

/** An inbox whose events are dispatched as a server does it, to a Temporal that takes every start at once. */
export function createDispatchingInbox(database: Database, installation: Installation) {
  const log = pino({ level: 'silent' });
  const temporal = { client: { workflow: { start: () => Promise.resolve({}) } }, eager: false };
  const dispatch = composeDispatch({
    ...{
      installation,
      temporal: temporal as unknown as TemporalAccess,
      metrics: createMetrics(() => Promise.resolve(0)),
    },
    sources: { find: () => ({ test: true, confirm: false }) as never, awaitedFor: () => null },
    served: {
      definitions: [{ definition, hash: 'a'.repeat(64), file: 'fulfil-order.json', children: {} }],
      awaited: [],
      activities: { catalogue: { localNames: [], limits: {}, external: {} } as never },
    },
    correlate: createCorrelate({ database, handed: () => undefined }),
    turns: { take: () => Promise.resolve({ kind: 'go' }), end: () => Promise.resolve() },
    log,
  });
  const backlog = createBacklog({ database, readData: () => () => null, random: () => 0.5 });
  const waiting = new Map<string, () => void>();
  const dispatcher = createDispatcher({
    // Tells when the record of an event is committed.
    backlog: {
      ...backlog,
      async finish(claimed, outcome) {
        await backlog.finish(claimed, outcome);
        waiting.get(claimed.event.id)?.();
      },
    },
    ...{ dispatch, concurrency: 64, pollMs: 600_000, log },
  });
  const inbox = createInbox({
    database,
    wantsClaim: () => true,
    onStored: (...stored) => dispatcher.accept(...stored),
  });
  return {
    /** Stores an event. Resolves once its run is recorded. */
    async take(entry: NewEvent): Promise<void> {
      const recorded = new Promise<void>((resolve) => waiting.set(entry.event.id, resolve));
      await inbox.store(entry);
      await recorded;
      waiting.delete(entry.event.id);
    },
    stop: () => dispatcher.stop(),
  };
}
