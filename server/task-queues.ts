import { withDeadline } from '../storage/with-deadline.ts';
import { shareAnswer } from './shared-answer.ts';

/** A task queue of Temporal's on which work of this installation waits for a worker. */
export interface WatchedQueue {
  name: string;
  /** What a worker has to ask for. */
  tasks: 'workflow' | 'activity';
  /** What waits there, for people: `runs`, `deliveries`, or the activities of the project. */
  serves: string;
}

/**
 * `served`: a worker has asked for work within the last minute. `unserved`: none has. `unknown`: Temporal did not say. Temporal does not
 * notice that a worker is gone, so this takes a minute, and a worker all of whose slots are taken for longer does not ask either.
 */
export interface QueueState extends Omit<WatchedQueue, 'tasks'> {
  state: 'served' | 'unserved' | 'unknown';
  /** When a worker last asked for work, by Temporal's clock; null if none has within the last five minutes, or if nobody knows. */
  lastAskedAt: string | null;
  /** Who has asked, the latest first. */
  workers: { name: string; lastAskedAt: string }[];
}

/** A worker asks again after a minute at the latest, when its question was not answered. */
const stillThereMs = 75_000;
/** What operators and load balancers see is at most this old. */
const sharedForMs = 5_000;
const askMs = 2_000;
/** No project has more; Temporal answers each within some 30 ms. */
const mostAsked = 50;
const mostWorkers = 50;
/** Temporal's numbers of them. */
const taskQueueTypes = { workflow: 1, activity: 2 };

/** As much of Temporal's `WorkflowService` as is used. */
interface DescribesTaskQueues {
  describeTaskQueue(request: { namespace: string; taskQueue: { name: string }; taskQueueType: number }): Promise<{
    pollers: { identity?: string | null; lastAccessTime?: { seconds?: unknown } | null }[];
  }>;
}

interface QueueDeps {
  services: { workflowService: DescribesTaskQueues };
  namespace: string;
  queues: () => readonly WatchedQueue[];
  clock: () => Date;
}

/**
 * Tells which task queues have a worker. All who ask within some seconds share one answer. Nothing is known of queues beyond the fiftieth.
 * Never rejects.
 */
export function watchTaskQueues(deps: QueueDeps): () => Promise<QueueState[]> {
  const ask = async () => {
    const queues = deps.queues();
    const asked = await Promise.all(queues.slice(0, mostAsked).map((queue) => stateOf(queue, deps)));
    return [...asked, ...queues.slice(mostAsked).map(unknown)];
  };
  return shareAnswer(ask, { limitMs: askMs * 2, what: 'Temporal', sharedForMs });
}

/** Null if nobody knows of any. */
export function countUnserved(states: readonly QueueState[]): number | null {
  const count = states.filter(({ state }) => state === 'unserved').length;
  return count === 0 && states.some(({ state }) => state === 'unknown') ? null : count;
}

async function stateOf(queue: WatchedQueue, deps: QueueDeps): Promise<QueueState> {
  try {
    const described = deps.services.workflowService.describeTaskQueue({
      namespace: deps.namespace,
      taskQueue: { name: queue.name },
      taskQueueType: taskQueueTypes[queue.tasks],
    });
    const { pollers } = await withDeadline(described, askMs, 'Temporal');
    const workers = pollers
      .flatMap(({ identity, lastAccessTime }) =>
        lastAccessTime ? [{ name: identity ?? '', askedAtMs: Number(lastAccessTime.seconds) * 1_000 }] : [],
      )
      .sort((one, other) => other.askedAtMs - one.askedAtMs);
    const last = workers[0]?.askedAtMs;
    const isServed = last !== undefined && deps.clock().getTime() - last <= stillThereMs;
    return {
      name: queue.name,
      serves: queue.serves,
      state: isServed ? 'served' : 'unserved',
      lastAskedAt: last === undefined ? null : new Date(last).toISOString(),
      workers: workers
        .slice(0, mostWorkers)
        .map(({ name, askedAtMs }) => ({ name, lastAskedAt: new Date(askedAtMs).toISOString() })),
    };
  } catch {
    return unknown(queue); // Unreachable, too slow, or without the right to ask.
  }
}

function unknown({ name, serves }: WatchedQueue): QueueState {
  return { name, serves, state: 'unknown', lastAskedAt: null, workers: [] };
}
