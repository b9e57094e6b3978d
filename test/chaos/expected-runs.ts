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
};

/** The id of the run that the event starts. */
export function runIdOf(event: Pick<SentEvent, 'id' | 'kind'>): string {
  return workflowIdOf(installation, definitionOf[event.kind], { source: sourceOf(event), id: event.id });
}

/** How the run of the event and its children must end, the run first. A poison event has none, and neither has one that a run waits for. */
export function expectedRuns(event: Pick<SentEvent, 'id' | 'kind'>): ExpectedRun[] {
  const workflowId = runIdOf(event);
  if (event.kind === 'poison' || event.kind === 'pays') return [];
  if (event.kind === 'stuck') return [{ workflowId, status: 'TERMINATED' }];
  const status = event.kind === 'late' || event.kind === 'fails' ? 'FAILED' : 'COMPLETED';
  if (event.kind !== 'parcels') return [{ workflowId, status }];
  return [
    { workflowId, status },
    { workflowId: `${workflowId}/lost`, status: 'CANCELLED' },
    { workflowId: `${workflowId}/kept`, status: 'COMPLETED' },
  ];
}
