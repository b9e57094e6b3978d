import {
  type Connection,
  isGrpcServiceError,
  WorkflowExecutionAlreadyStartedError,
  WorkflowIdReusePolicy,
  type Client,
} from '@temporalio/client';
import { defineSearchAttributeKey, SearchAttributeType, TypedSearchAttributes } from '@temporalio/common';
import type { RunInput } from '../language/definition.ts';
import type { CanonicalEvent } from '../language/event.ts';
import { withDeadline } from '../storage/with-deadline.ts';

/** The outcome of a start. `duplicate`: Temporal has, or had, a run with this id. */
export type StartOutcome =
  | { kind: 'started' | 'duplicate' }
  /** Temporal did not answer or is overloaded. The same start may succeed later. */
  | { kind: 'unavailable'; reason: string }
  /** Temporal does not accept this start. Others may succeed. `certain`: no later attempt can succeed either. */
  | { kind: 'refused'; reason: string; certain?: boolean };

export type StartRun = (input: RunInput) => Promise<StartOutcome>;

/** Returns `<definition>/<source>/<event id>`. Temporal starts only one run with it. */
export function workflowIdOf(definition: string, event: Pick<CanonicalEvent, 'source' | 'id'>): string {
  return `${definition}/${event.source}/${event.id}`;
}

/** Searchable in the Web UI and with `temporal workflow list --query`. */
export const searchAttributes = {
  definition: defineSearchAttributeKey('KaitDefinition', SearchAttributeType.KEYWORD),
  source: defineSearchAttributeKey('KaitSource', SearchAttributeType.KEYWORD),
  eventType: defineSearchAttributeKey('KaitEventType', SearchAttributeType.KEYWORD),
  entity: defineSearchAttributeKey('KaitEntity', SearchAttributeType.KEYWORD),
};

/** Longer than the longest wait that a definition may have. */
const executionTimeout = '400 days';
/** Kait enforces it itself: NativeConnection keeps retrying for 10 s past any deadline. */
const startDeadlineMs = 10_000;

/**
 * Starts runs. `eager` asks Temporal to hand the first task straight to the worker that shares the client's connection;
 * it needs a NativeConnection. A start that succeeds after its deadline is harmless: the next attempt is a duplicate.
 */
export function createStartRun(deps: { client: Client; taskQueue: string; eager: boolean }): StartRun {
  return async (input) => {
    const { event, definition } = input;
    try {
      await withDeadline(
        deps.client.workflow.start(definition.name, {
          args: [input],
          workflowId: workflowIdOf(definition.name, event),
          taskQueue: deps.taskQueue,
          workflowIdReusePolicy: WorkflowIdReusePolicy.REJECT_DUPLICATE,
          workflowExecutionTimeout: executionTimeout,
          typedSearchAttributes: searchAttributesOf(input),
          staticSummary: summaryOf(event),
          requestEagerStart: deps.eager,
        }),
        startDeadlineMs,
        'Temporal',
      );
      return { kind: 'started' };
    } catch (error) {
      return outcomeOf(error);
    }
  };
}

/** gRPC's code for a start that is too large, has too long an id, or names an unknown search attribute. */
const invalidArgument = '3';
/** gRPC's code for an overloaded server, and for a request beyond 4 MB, which no server will ever take. */
const resourceExhausted = '8';

function outcomeOf(error: unknown): StartOutcome {
  if (error instanceof WorkflowExecutionAlreadyStartedError) return { kind: 'duplicate' };
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  const reason = cause instanceof Error ? cause.message : String(cause);
  const code = isGrpcServiceError(cause) ? String(cause.code) : null;
  if (code === resourceExhausted && reason.includes('larger than max'))
    return { kind: 'refused', reason, certain: true };
  // A search attribute that was just registered becomes known within a minute.
  if (code === invalidArgument) return { kind: 'refused', reason, certain: !/search attribute/i.test(reason) };
  return { kind: 'unavailable', reason };
}

function searchAttributesOf({ definition, event }: RunInput): TypedSearchAttributes {
  return new TypedSearchAttributes([
    { key: searchAttributes.definition, value: definition.name },
    { key: searchAttributes.source, value: event.source },
    { key: searchAttributes.eventType, value: event.type },
    ...(event.entity === null ? [] : [{ key: searchAttributes.entity, value: event.entity }]),
  ]);
}

/** The text that operators see first, of at most 200 bytes: `payment.succeeded pi_3Rk IDR 2500000`. */
function summaryOf({ type, entity, payment }: CanonicalEvent): string {
  const amount = payment?.amount === undefined || payment.amount === null ? [] : [payment.currency, payment.amount];
  return [type, entity, ...amount]
    .filter((part) => part !== null)
    .join(' ')
    .slice(0, 100);
}

/** `temporal.api.enums.v1.IndexedValueType` in Temporal's operator API. */
const keyword = 2;

/**
 * Registers Kait's search attributes in the namespace. Safe to repeat. Call it before the first start: Temporal refuses a start with
 * an unknown attribute.
 */
export async function registerSearchAttributes(
  connection: Pick<Connection, 'operatorService'>,
  namespace: string,
): Promise<void> {
  const names = Object.values(searchAttributes).map(({ name }) => name);
  await connection.operatorService.addSearchAttributes({
    namespace,
    searchAttributes: Object.fromEntries(names.map((name) => [name, keyword])),
  });
}
