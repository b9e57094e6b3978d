import type { Logger } from 'pino';
import { confirmStep } from '../../language/confirm-step.ts';
import type { CanonicalEvent } from '../../language/event.ts';
import { ownSource } from '../../language/triggers.ts';
import { waiting, withAwaited } from '../../server/awaited-events.ts';
import {
  dispatchEvent,
  nothingDone,
  type DispatchOutcome,
  type EventHistory,
  type TurnDeps,
} from '../../server/dispatch-event.ts';
import { ignoredBecause } from '../../server/ignored-because.ts';
import { isIgnoredTest, isNotice } from '../../server/gateway/ask/read-webhook.ts';
import type { Metrics } from '../../server/metrics.ts';
import type { Correlate } from '../../server/waits/correlate-events.ts';
import type { SourceRegistry } from '../../server/source-registry.ts';
import { createStartFetch } from '../../server/start-fetch.ts';
import { createStartRun } from '../../server/start-run.ts';
import type { Installation } from '../../storage/installation.ts';
import type { ServedProject } from './load-served-definitions.ts';
import type { TemporalAccess } from './temporal-access.ts';

/**
 * Builds the function with which the dispatcher handles a stored event: it hands the event to runs that wait for it, and starts runs,
 * which ask the gateway first if the source's `confirm` is set. For a notice it starts only the fetch. However an event came and was stored, a test event starts nothing unless its
 * source wants test events. Counts and logs every outcome.
 */
export function composeDispatch(deps: {
  installation: Installation;
  temporal: TemporalAccess;
  sources: Pick<SourceRegistry, 'find' | 'awaitedFor'>;
  /** Read for each event, since it may change. */
  served: Pick<ServedProject, 'definitions' | 'awaited'> & {
    activities: Pick<ServedProject['activities'], 'catalogue'>;
  };
  metrics: Pick<Metrics, 'dispatched'>;
  /** Hands the event to the runs that wait for it. */
  correlate: Correlate;
  turns: TurnDeps;
  /** See {@link createStartRun}. */
  usableAttributes?: () => ReadonlySet<string>;
  log: Logger;
}): (event: CanonicalEvent, history: EventHistory) => Promise<DispatchOutcome> {
  const { served, sources, metrics, log } = deps;
  const { client, eager } = deps.temporal;
  const { installation } = deps;
  const startRun = createStartRun({
    ...{ client, installation, eager },
    ...(deps.usableAttributes && { usableAttributes: deps.usableAttributes }),
  });
  const startFetch = createStartFetch({ client: client.activity, installation: installation.id });
  const start = async (event: CanonicalEvent, history: EventHistory): Promise<DispatchOutcome> => {
    const own = event.source === ownSource; // Of Kait's own: nobody has to confirm it, and no run waits for it.
    const source = own ? undefined : sources.find(event.source);
    if (source === undefined && !own) {
      const file = sources.awaitedFor(event.source);
      return file === null ? unmounted(event) : waiting([file]);
    }
    if (isNotice(event)) return startFetch(event);
    if (source !== undefined && isIgnoredTest(event, source)) return nothingDone(ignoredBecause.testEvent);
    const handed = own || history.unawaited === true ? 0 : await deps.correlate({ rowId: history.rowId, event });
    const first = source?.confirm === true ? [confirmStep] : [];
    const { definitions, awaited, activities } = served;
    const { localNames, limits, external } = activities.catalogue;
    const run = {
      ...{ installation: installation.id, definitions, startRun, first, turns: deps.turns, ...history },
      localActivities: localNames,
      activityLimits: limits,
      external,
    };
    const outcome = await dispatchEvent(event, run);
    return withAwaited(outcome.kind === 'done' ? { ...outcome, handed } : outcome, event, awaited);
  };
  return async (event, history) => {
    const outcome = await start(event, history);
    metrics.dispatched.inc({ outcome: outcome.kind });
    logDispatch(log, event, outcome);
    return outcome;
  };
}

/** Only its source says whether the gateway must be asked first. A run must not start unconfirmed because the source is gone. */
function unmounted({ source }: CanonicalEvent): DispatchOutcome {
  const reason = `There is no source "${source}" any more. Add it to sources.json again, then replay the event`;
  return { kind: 'refused', runs: [], reason, certain: true };
}

/** Logs events without runs only at debug level, because most gateways send many events that no definition handles. */
function logDispatch(log: Logger, event: CanonicalEvent, outcome: DispatchOutcome): void {
  if (outcome.kind === 'unstarted') return; // The dispatcher knows more.
  const { runs, kind } = outcome;
  const fields = { source: event.source, event: event.id, type: event.type, runs: runs.map((run) => run.workflowId) };
  if (kind === 'refused') log.error({ ...fields, reason: outcome.reason }, 'event not dispatched');
  else if (kind === 'waiting') log.warn({ ...fields, reason: outcome.reason }, 'event waits');
  else log[runs.length > 0 ? 'info' : 'debug'](fields, 'event dispatched');
}
