import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { activityInfo, ApplicationFailure, cancelled } from '@temporalio/activity';
import { Client, type WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { pino } from 'pino';
import { createCatalogue } from '../../activities/catalogue.ts';
import { createRunActivities } from '../../activities/run-result.ts';
import type { ActivityFunctions } from '../../activities/authorize.ts';
import type { Definition, RunInput } from '../../language/definition.ts';
import type { CanonicalEvent } from '../../language/event.ts';
import type { Json, JsonObject } from '../../language/json.ts';
import { taskQueuesOf } from '../../storage/installation.ts';
import { installRuntime } from '../../worker/install-runtime.ts';
import { startWorker } from '../../worker/start-worker.ts';
import type { StepProgress } from '../../workflows/progress.ts';
import { sampleEvent } from '../server/sample-event.ts';
import { noEarlierEvents } from './no-earlier-events.ts';
import { builtInterpreter } from '../services/built-interpreter.ts';

/** The hash of each run's definition. */
export const hostedHash = '0'.repeat(64);

/** The behaviour of a step's attempt: it returns a value, fails, or runs until it is canceled. */
export type Answer =
  | { value: Json; afterMs?: number }
  | { error: { type: string; message: string; retryable?: boolean; effect?: 'none' | 'unknown' }; afterMs?: number }
  | 'until canceled';

export interface RecordedCall {
  activity: string;
  /** Behind the workflow's id: `order`, `pay/3`, `order/undo`. */
  key: string;
  input: JsonObject;
}

export interface HostedRun {
  eventId: string;
  handle: WorkflowHandleWithFirstExecutionRunId;
  /** Attempts in the order in which they began, those of child runs included. */
  calls: RecordedCall[];
  progress: () => Promise<Record<string, StepProgress>>;
}

export interface TemporalHost {
  client: Client;
  /** `name` and `on` need not be given: nothing is dispatched. */
  start(definition: HostedDefinition, options?: RunOptions): Promise<HostedRun>;
  stop(): Promise<void>;
}

export type HostedDefinition = Omit<Definition, 'name' | 'on'> & Partial<Definition>;

export interface RunOptions {
  /** By key, or by step id, one for each attempt; the last stands for all further ones. Default: null. */
  answers?: Record<string, Answer[]>;
  event?: Partial<CanonicalEvent>;
  children?: Record<string, HostedDefinition>;
  settings?: JsonObject;
  /** Activities that workers of other programs run. */
  external?: RunInput['external'];
  activityLimits?: RunInput['activityLimits'];
  /** Activities that run as local ones. */
  local?: string[];
  /** Whether it shows by search attributes how it stands. */
  showsState?: true;
  /** Whether the run's clock skips its waits. */
  skipTime?: boolean;
}

/**
 * Without a cache, the SDK sometimes drops a task that arrives while it evicts the run ("leftover buffered tasks"). Temporal sends it again after
 * this time, by default 10 s.
 */
const lostTaskTimeout = '3s';

interface HostOptions {
  real?: ActivityFunctions;
  cachedRuns?: number;
  /** What becomes of operators' commands. Default: each is recorded. */
  commands?: (input: Record<string, unknown>) => Promise<{ refusal: 'forged' | null }>;
}

/**
 * A worker whose activities answer as each run's test says, or as they really do if they are in `real`, on a server of Temporal's.
 * Without `cachedRuns`, every workflow task replays the whole history.
 */
export async function startTemporalHost(
  server: { address: string; namespace: string },
  { real = {}, cachedRuns = 0, commands }: HostOptions = {},
): Promise<TemporalHost> {
  const { address, namespace } = server;
  const log = pino({ level: 'silent' });
  installRuntime(log);
  const connection = await NativeConnection.connect({ address });
  const skipping = new Set<string>();
  letTimeSkip(connection, skipping);
  const client = new Client({ connection, namespace });
  const installation = `host-${randomUUID()}`;
  const runs = new Map<string, { options: RunOptions; calls: RecordedCall[] }>();

  async function act(activity: string, input: JsonObject, context: ActivityContext): Promise<Json> {
    const { eventId, idempotencyKey } = context;
    const run = runs.get(eventId);
    if (run === undefined) throw ApplicationFailure.nonRetryable(`No test has the event ${eventId}`);
    const key = idempotencyKey.slice(idempotencyKey.indexOf(eventId) + eventId.length + 1);
    const answers = run.options.answers?.[key] ??
      run.options.answers?.[key.split('/', 1)[0] ?? ''] ?? [{ value: null }];
    const attempt = run.calls.filter((call) => call.key === key).length;
    run.calls.push({ activity, key, input });
    const own = real[activity];
    if (own !== undefined) return (await own(input as never, context as never)) as Json; // As the interpreter calls it.
    return perform(answers[attempt] ?? answers.at(-1) ?? { value: null });
  }

  const names = Object.keys({ ...createCatalogue().all, ...real });
  const worker = await startWorker({
    connection,
    namespace,
    installation,
    bundle: builtInterpreter,
    activities: {
      ...noEarlierEvents,
      ...(commands && { 'runs.command': commands }),
      ...Object.fromEntries(
        names.map((name) => [name, (input: JsonObject, context: ActivityContext) => act(name, input, context)]),
      ),
      ...createRunActivities({
        client: client.workflow,
        workflowId: () => activityInfo().workflowExecution?.workflowId ?? null,
      }),
    },
    deliveryActivities: { 'outbound.deliver': () => Promise.resolve() },
    cachedRuns,
    concurrentActivities: 50,
  });

  return {
    client,
    async start(definition, options = {}) {
      const event = sampleEvent({ ...options.event, id: `${options.event?.id ?? 'evt'}_${randomUUID()}` });
      const calls: RecordedCall[] = [];
      runs.set(event.id, { options, calls });
      const input = inputOf(definition, event, options);
      const { name } = input.definition;
      if (options.skipTime === true) skipping.add(`${name}/${event.id}`);
      const handle = await client.workflow.start(name, {
        args: [input],
        workflowId: `${name}/${event.id}`,
        taskQueue: taskQueuesOf(installation).runs,
        ...(cachedRuns === 0 ? { workflowTaskTimeout: lostTaskTimeout } : {}),
      });
      const progress = async () => {
        const steps = await handle.query<StepProgress[]>('progress');
        return Object.fromEntries(steps.map((step) => [step.id, step]));
      };
      return { eventId: event.id, handle, calls, progress };
    },
    async stop() {
      await worker.stop();
      await connection.close();
    },
  };
}

/**
 * Starts those workflows so that the server's clock skips their waits. The SDK does not offer this yet, only the protocol does.
 */
function letTimeSkip(connection: NativeConnection, workflowIds: ReadonlySet<string>): void {
  type Start = (request: { workflowId?: string | null | undefined }) => unknown;
  const service = connection.workflowService as unknown as { startWorkflowExecution: Start };
  const start = service.startWorkflowExecution.bind(service);
  service.startWorkflowExecution = (request) => {
    const skips = workflowIds.has(request.workflowId ?? '');
    return start(Object.assign(request, skips ? { timeSkippingConfig: { enabled: true } } : {}));
  };
}

interface ActivityContext {
  eventId: string;
  idempotencyKey: string;
}

async function perform(answer: Answer): Promise<Json> {
  if (answer === 'until canceled') return await cancelled();
  if (answer.afterMs !== undefined) await pause(answer.afterMs);
  if ('value' in answer) return answer.value;
  const { type, message, retryable = false, effect } = answer.error;
  const details = effect === undefined ? [] : [{ effect }];
  throw ApplicationFailure.create({ type, message, nonRetryable: !retryable, details });
}

function inputOf(definition: HostedDefinition, event: CanonicalEvent, options: RunOptions): RunInput {
  const children = Object.entries(options.children ?? {}).map(
    ([name, child]) => [name, { definition: { on: 'run' as const, ...child, name }, definitionHash: name }] as const,
  );
  return {
    definition: { name: 'hosted', on: { event: event.type }, ...definition },
    definitionHash: hostedHash,
    event,
    localActivities: options.local ?? [],
    ...(options.settings === undefined ? {} : { settings: options.settings }),
    ...(options.external === undefined ? {} : { external: options.external }),
    ...(options.activityLimits === undefined ? {} : { activityLimits: options.activityLimits }),
    ...(options.showsState === undefined ? {} : { showsState: options.showsState }),
    ...(children.length === 0 ? {} : { children: Object.fromEntries(children) }),
  };
}
