import { workflowIdOf } from '../../server/start-run.ts';
import type { EventKind, SentEvent } from './facts.ts';
import { sourceOf } from './sign-event.ts';
import { installation } from './system.ts';

export interface ExpectedRun {
  workflowId: string;
  /** As Temporal names it. */
  status: 'COMPLETED' | 'FAILED' | 'CANCELLED' | 'TERMINATED';
}

const definitionOf: Record<EventKind, string> = {
  order: 'payment-succeeded',
  poison: 'archive-report',
  late: 'hold-stock',
  fails: 'hold-stock',
  holds: 'hold-stock',
  parcels: 'order-parcels',
  awaits: 'await-payments',
  pays: 'none',
  counts: 'count-stock',
  stuck: 'count-stock',
  asks: 'ask-people',
  mends: 'mend-stock',
  rescued: 'rescue-order',
  moves: 'move-stock',
};

/** The id of the run that the event starts. */
export function runIdOf(event: Pick<SentEvent, 'id' | 'kind'>): string {
  return workflowIdOf(installation, definitionOf[event.kind], { source: sourceOf(event), id: event.id });
}

/** The ids of the runs that Kait itself has on record: not those of child runs. */
export function recordedRuns(event: Pick<SentEvent, 'id' | 'kind'>): string[] {
  const ids = expectedRuns(event).map(({ workflowId }) => workflowId);
  return event.kind === 'rescued' ? ids : ids.slice(0, 1);
}

/** How the run of the event and its children must end, the run first. A poison event has none, and neither has one that a run waits for. */
export function expectedRuns(event: Pick<SentEvent, 'id' | 'kind'>): ExpectedRun[] {
  const workflowId = runIdOf(event);
  if (event.kind === 'poison' || event.kind === 'pays') return [];
  if (event.kind === 'rescued') {
    return [
      { workflowId, status: 'FAILED' },
      { workflowId: `${workflowId}/kait:retry-1`, status: 'COMPLETED' },
    ];
  }
  if (event.kind === 'stuck') return [{ workflowId, status: 'TERMINATED' }];
  const status = event.kind === 'late' || event.kind === 'fails' ? 'FAILED' : 'COMPLETED';
  if (event.kind !== 'parcels') return [{ workflowId, status }];
  return [
    { workflowId, status },
    { workflowId: `${workflowId}/lost`, status: 'CANCELLED' },
    { workflowId: `${workflowId}/kept`, status: 'COMPLETED' },
  ];
}
