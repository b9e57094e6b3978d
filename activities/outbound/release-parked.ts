import type { Logger } from 'pino';
import { defaultConcurrency } from '../../language/endpoint-policy.ts';
import { formatDuration } from '../../language/time.ts';
import { createRepetition, type Repetition } from '../../repetition.ts';
import type { Database } from '../../storage/database.ts';
import { longestAttemptMs } from './attempt-outcome.ts';
import { claimMs, type DeliveryStarter, type StartableDelivery } from './delivery-starter.ts';

export interface ParkedRelease extends Repetition {
  /** Looks at one endpoint at once, if it had parked deliveries lately or it `isLikely`. Never throws. */
  release: (endpointId: string, options: { isLikely: boolean }) => void;
  /** Looks at all endpoints; `start` repeats it. */
  releaseAll(): Promise<void>;
}

export interface ParkedReleaseDeps {
  database: Pick<Database, 'run'>;
  clock: () => Date;
  log: Pick<Logger, 'warn'>;
  deliveryStarter: Pick<DeliveryStarter, 'start'>;
  /** Pause between two rounds. */
  intervalMs: number;
  /** A delivery that has waited so long for its endpoint is given up. */
  keptMs: number;
}

/** So many are released in one round, over all endpoints. The rest follows in the next. */
const mostPerRound = 500;
const giveUpEveryMs = 60_000;

/**
 * The oldest parked deliveries of each endpoint that may have requests, as many as it has free places: one if its circuit is half open, and
 * none of a key whose delivery before has not ended. What a worker has just parked waits until Temporal knows. A request that
 * began longer ago than an attempt takes is not under way: its worker died.
 */
const releaseSql = `
  update deliveries set state = 'pending', parked_because = null, claimed_until = $1::timestamptz + interval '${claimMs} milliseconds'
  from (
    select parked.id from endpoints
    cross join lateral (
      select coalesce((endpoints.policy->>'concurrency')::int, ${defaultConcurrency}) as places
    ) as policy
    cross join lateral (
      select (select count(*) from deliveries where endpoint = endpoints.id and state = 'pending')
        + (select count(*) from deliveries where endpoint = endpoints.id
          and attempting_since > $1::timestamptz - interval '${longestAttemptMs} milliseconds') as taken
    ) as now
    cross join lateral (
      select id from deliveries as parked
      where endpoint = endpoints.id and state = 'parked' and (claimed_until is null or claimed_until < $1::timestamptz)
        and (order_key is null or not exists (
          select from deliveries as earlier where earlier.endpoint = parked.endpoint and earlier.order_key = parked.order_key
            and (earlier.created_at, earlier.id) < (parked.created_at, parked.id) and earlier.state in ('pending', 'started', 'parked')
        ))
      order by created_at, id
      limit greatest(0, case when endpoints.open_until is null then policy.places else least(1, policy.places) end - now.taken)
    ) as parked
    where endpoints.id in (select jsonb_array_elements_text($2::jsonb))
      and endpoints.state = 'enabled' and (endpoints.open_until is null or endpoints.open_until <= $1::timestamptz)
    limit ${mostPerRound}
  ) as released, messages
  where deliveries.id = released.id and deliveries.state = 'parked' and messages.id = deliveries.message
  returning deliveries.id, deliveries.endpoint, deliveries.url, messages.type, deliveries.replays > 0 as replayed`;

const parkedSql = `
  select id from endpoints where exists (select from deliveries where endpoint = endpoints.id and state = 'parked')`;

/** Without an endpoint, or for too long. */
const giveUpSql = `
  update deliveries set ended_at = $1::timestamptz, parked_because = null,
    state = case when hopeless.removed then 'refused' else 'exhausted' end,
    last_error = case when hopeless.removed then 'the endpoint was removed' else $3::text end
  from (
    select id, not exists (select from endpoints where endpoints.id = deliveries.endpoint) as removed from deliveries
    where state = 'parked' and (coalesce(again_at, created_at) < $2::timestamptz
      or not exists (select from endpoints where endpoints.id = deliveries.endpoint))
    limit ${mostPerRound}
  ) as hopeless
  where deliveries.id = hopeless.id and deliveries.state = 'parked'`;

/**
 * Starts parked deliveries again once their endpoint may have requests, the oldest first and no more at once than it takes. Several processes may
 * run it: each row is released by one of them.
 */
export function createParkedRelease(deps: ParkedReleaseDeps): ParkedRelease {
  const { database, clock, log, deliveryStarter, keptMs } = deps;
  const releaseOf = async (endpointIds: readonly string[]) => {
    if (endpointIds.length === 0) return;
    const values = [clock().toISOString(), JSON.stringify(endpointIds)];
    const released = await database.run<StartableDelivery>('release-parked', releaseSql, values);
    if (released.length > 0) deliveryStarter.start(released);
  };
  let withParked: ReadonlySet<string> = new Set();
  let hopelessFrom = 0;
  const releaseAll = async () => {
    const rows = await database.run<{ id: string }>('find-parked', parkedSql, []);
    withParked = new Set(rows.map(({ id }) => id));
    await releaseOf([...withParked]);
    const now = clock();
    if (now.getTime() < hopelessFrom) return;
    const before = new Date(now.getTime() - keptMs);
    const reason = `it could not be sent within ${formatDuration(keptMs)}, because it was parked`;
    await database.run('give-up-parked', giveUpSql, [now.toISOString(), before.toISOString(), reason]);
    hopelessFrom = now.getTime() + giveUpEveryMs;
  };
  const failed = (error: unknown) => log.warn({ err: error }, 'parked deliveries were not released, will retry');

  // Requests that end while a round is under way are seen by one more round, and not by one each.
  const wanted = new Set<string>();
  const busy = new Map<string, Promise<void>>();
  const look = (endpointId: string) => {
    wanted.delete(endpointId);
    const round = releaseOf([endpointId])
      .catch(failed)
      .finally(() => {
        busy.delete(endpointId);
        if (wanted.has(endpointId)) look(endpointId);
      });
    busy.set(endpointId, round);
  };
  const repetition = createRepetition({ act: releaseAll, intervalMs: deps.intervalMs, failed });
  return {
    ...repetition,
    releaseAll,
    release: (endpointId, { isLikely }) => {
      if (!isLikely && !withParked.has(endpointId)) return;
      if (busy.has(endpointId)) wanted.add(endpointId);
      else look(endpointId);
    },
    stop: async () => {
      await repetition.stop();
      wanted.clear();
      await Promise.all(busy.values());
    },
  };
}
