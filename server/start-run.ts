import { WorkflowIdReusePolicy, type Client } from '@temporalio/client';
import { RawValue, TypedSearchAttributes } from '@temporalio/common';
import type { RunInput } from '../language/definition.ts';
import type { CanonicalEvent } from '../language/event.ts';
import { type Installation, sealOf, taskQueuesOf } from '../storage/installation.ts';
import { withDeadline } from '../storage/with-deadline.ts';
import { prepareInput } from './run-input.ts';
import { searchAttributeNames, searchAttributes } from './search-attributes.ts';
import { customerHashOf } from '../storage/customer-hash.ts';
import { shownMoney } from '../language/shown-money.ts';
import { factsOf } from './search/event-facts.ts';
import { startFailureOf, type StartFailure, type StartOutcome } from '../storage/start-failure.ts';
import { fitsKeyword, idRefusal } from './start-limits.ts';
import { shortSummary } from '../storage/short-summary.ts';

/** Seals the input and starts its run, under the id of the event's first one unless another is given. */
export type StartRun = (input: RunInput, workflowId?: string) => Promise<StartOutcome>;

/**
 * Returns `<installation>/<definition>/<source>/<event id>`. Temporal starts only one run with it. A slash in the event's id is encoded,
 * so that no event's run has the id of another one's child (`<workflow id>/<step>`).
 */
export function workflowIdOf(
  installation: string,
  definition: string,
  event: Pick<CanonicalEvent, 'source' | 'id'>,
): string {
  const eventId = event.id.replace(/[%/]/g, encodeURIComponent);
  return `${installation}/${definition}/${event.source}/${eventId}`;
}

/** The id of the run with which an event is run for the n-th time again. No step can have an id with a colon, so no child has it. */
export function againIdOf(workflowId: string, number: number): string {
  return `${workflowId}/kait:again-${number}`;
}

/** The id of the n-th run that goes on from a run that has ended, or from one that did. No child has it, either. */
export function retryIdOf(workflowId: string, number: number): string {
  return `${workflowId}/kait:retry-${number}`;
}

/** Longer than the longest wait that a definition may have. */
const executionTimeout = '400 days';
/** Reading a large input takes a second, and more on a busy machine. Temporal's default is 10 s; its maximum is 2 minutes. */
const largeTaskTimeout = '1 minute';
/** Kait enforces it itself: NativeConnection keeps retrying for 10 s past any deadline. */
const startDeadlineMs = 10_000;

/**
 * Starts runs. `eager` asks Temporal to hand the first task straight to the worker that shares the client's connection;
 * it needs a NativeConnection. A start that succeeds after its deadline is harmless: the next attempt is a duplicate.
 */
export function createStartRun(deps: {
  client: Client;
  installation: Installation;
  eager: boolean;
  /** The search attributes that the namespace has. Default: all of Kait's. */
  usableAttributes?: () => ReadonlySet<string>;
}): StartRun {
  const { installation, usableAttributes = () => new Set(searchAttributeNames) } = deps;
  return async (input, workflowId = workflowIdOf(installation.id, input.definition.name, input.event)) => {
    const { event, definition } = input;
    const usable = usableAttributes();
    const idProblem = idRefusal(workflowId);
    if (idProblem !== null) return refused(idProblem);
    const prepared = prepareInput(showsState(usable) ? { ...input, showsState: true } : input);
    if ('refusal' in prepared) return refused(prepared.refusal);
    const seal = sealOf(installation, { kind: 'workflow', id: workflowId, inputDigest: prepared.digest });
    try {
      await withDeadline(
        deps.client.workflow.start(definition.name, {
          args: [sealedArgument(prepared.json, seal)],
          workflowId,
          taskQueue: taskQueuesOf(installation.id)[prepared.isLarge ? 'largeRuns' : 'runs'],
          workflowIdReusePolicy: WorkflowIdReusePolicy.REJECT_DUPLICATE,
          workflowExecutionTimeout: executionTimeout,
          ...(prepared.isLarge ? { workflowTaskTimeout: largeTaskTimeout } : {}),
          typedSearchAttributes: searchAttributesOf(input, usable, installation),
          staticSummary: summaryOf(event),
          requestEagerStart: deps.eager,
        }),
        startDeadlineMs,
        'Temporal',
      );
      return { kind: 'started' };
    } catch (error) {
      return startFailureOf(error);
    }
  };
}

function refused(reason: string): StartFailure {
  return { kind: 'refused', reason, certain: true };
}

/** The input with its seal, as the SDK would write it. Large inputs are written as JSON only once. */
function sealedArgument(json: string, seal: string): RawValue {
  const data = Buffer.from(`${json.slice(0, -1)},"seal":${JSON.stringify(seal)}}`);
  return RawValue.fromPayload({ metadata: { encoding: Buffer.from('json/plain') }, data });
}

/** Whether the run may show how it stands. Recorded in its input: Temporal fails the tasks of a run that sets what the namespace lacks. */
function showsState(usable: ReadonlySet<string>): boolean {
  return usable.has(searchAttributes.state.name) && usable.has(searchAttributes.step.name);
}

/** Leaves out what Temporal could not store. */
function searchAttributesOf(
  { definition, event }: RunInput,
  usable: ReadonlySet<string>,
  installation: Installation,
): TypedSearchAttributes {
  const { orderId, paymentId, email, amount } = factsOf(event);
  const texts = [
    [searchAttributes.definition, definition.name],
    [searchAttributes.source, event.source],
    [searchAttributes.eventType, event.type],
    [searchAttributes.entity, event.entity],
    [searchAttributes.order, orderId],
    [searchAttributes.payment, paymentId],
    [searchAttributes.customer, email === null ? null : customerHashOf(installation, email)],
  ] as const;
  return new TypedSearchAttributes([
    ...texts.flatMap(([key, value]) => {
      return value !== null && usable.has(key.name) && fitsKeyword(value) ? [{ key, value }] : [];
    }),
    ...(amount !== null && usable.has(searchAttributes.amount.name)
      ? [{ key: searchAttributes.amount, value: amount }]
      : []),
  ]);
}

/** The text that operators see first: `payment.succeeded INV-9 pi_3Rk IDR 25,000.00`. */
function summaryOf(event: CanonicalEvent): string {
  const { orderId, currency, amount } = factsOf(event);
  const order = orderId === event.entity ? null : orderId;
  const parts = [event.type, order, event.entity, shownMoney({ currency, amount })];
  return shortSummary(parts.filter((part) => part !== null && part !== '').join(' '));
}
