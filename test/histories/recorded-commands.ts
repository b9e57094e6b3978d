import type { Commands } from './replay-history.ts';

/** The events of a history, in Temporal's JSON form, that record commands. */
export interface RecordedHistory {
  events: RecordedEvent[];
}

interface RecordedEvent {
  activityTaskScheduledEventAttributes?: {
    activityId: string;
    activityType: { name: string };
    input: Payloads;
    startToCloseTimeout: string;
  };
  markerRecordedEventAttributes?: { markerName: string; details: Record<string, Payloads> };
  timerStartedEventAttributes?: { startToFireTimeout: string };
  startChildWorkflowExecutionInitiatedEventAttributes?: {
    workflowId: string;
    workflowType: { name: string };
    input: Payloads;
  };
  workflowExecutionStartedEventAttributes?: { workflowType: { name: string }; workflowId: string; input: Payloads };
  workflowExecutionCompletedEventAttributes?: { result: Payloads };
  workflowExecutionFailedEventAttributes?: {
    failure: { message: string; applicationFailureInfo: { type: string } };
  };
  workflowExecutionContinuedAsNewEventAttributes?: { input: Payloads };
}

interface Payloads {
  payloads: { data?: string }[];
}

/** The commands of the run that wrote this history. */
export function recordedCommands({ events }: RecordedHistory): Commands {
  return {
    activities: events.flatMap(({ activityTaskScheduledEventAttributes: scheduled }) =>
      scheduled === undefined
        ? []
        : {
            id: scheduled.activityId,
            type: scheduled.activityType.name,
            args: decode(scheduled.input),
            timeoutMs: milliseconds(scheduled.startToCloseTimeout),
          },
    ),
    localActivities: events.flatMap(({ markerRecordedEventAttributes: marker }) =>
      marker?.markerName === 'core_local_activity' ? { type: localActivityType(marker.details.data) } : [],
    ),
    timersMs: events.flatMap(({ timerStartedEventAttributes: timer }) =>
      timer === undefined ? [] : milliseconds(timer.startToFireTimeout),
    ),
    children: events.flatMap(({ startChildWorkflowExecutionInitiatedEventAttributes: child }) =>
      child === undefined ? [] : { id: child.workflowId, type: child.workflowType.name, args: decode(child.input) },
    ),
    ends: events.flatMap(endOf),
  };
}

function endOf(event: RecordedEvent): Commands['ends'] {
  const completed = event.workflowExecutionCompletedEventAttributes;
  if (completed !== undefined) return [{ result: decode(completed.result)[0] }];
  const failed = event.workflowExecutionFailedEventAttributes?.failure;
  if (failed !== undefined) {
    return [{ failure: { type: failed.applicationFailureInfo.type, message: failed.message } }];
  }
  const continued = event.workflowExecutionContinuedAsNewEventAttributes;
  return continued === undefined ? [] : [{ continued: decode(continued.input) }];
}

function localActivityType(details: Payloads | undefined): string {
  const [data] = details === undefined ? [] : decode(details);
  return (data as { activity_type: string }).activity_type; // The form of Temporal's own core.
}

/** Payloads are JSON in base64. One without data is `undefined`. */
function decode({ payloads }: Payloads): unknown[] {
  return payloads.map(({ data }) =>
    data === undefined ? undefined : (JSON.parse(Buffer.from(data, 'base64').toString('utf8')) as unknown),
  );
}

/** The JSON form of a protobuf duration: `86400s`, `0.050s`. */
function milliseconds(duration: string): number {
  return Math.round(Number(duration.replace(/s$/, '')) * 1_000);
}
