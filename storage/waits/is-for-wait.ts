/**
 * Whether a row of `events` may end the wait in a row of `waits` that has its hash. Not if a step of the run has taken it; then it is over.
 * By their row numbers, since the clocks of two servers differ: what was stored later came later.
 */
export const isForWaitSql = `
  events.source = any(waits.sources) and events.id is distinct from waits.event and events.envelope is not null
  and (events.received_at >= waits.since or events.id > waits.event)
  and (waits.live is null or coalesce((events.envelope->>'live')::boolean, waits.live) = waits.live)
  and not exists (
    select from handovers
    where handovers.workflow_id = waits.workflow_id and handovers.event = events.id and handovers.state = 'taken')`;
