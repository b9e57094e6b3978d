import { activityInfo } from '@temporalio/activity';
import { Worker, type NativeConnection, type WorkflowBundleOption } from '@temporalio/worker';
import type { ActivityFunctions } from '../activities/authorize.ts';
import { activityFailure } from '../activities/failure-types.ts';
import { taskQueuesOf } from '../storage/installation.ts';
import { effectInterceptor } from './effect-of-attempts.ts';
import { failureTextInterceptor } from './failure-texts.ts';
import { heartbeatInterceptor } from './heartbeat.ts';
import { refuseReferences } from './refuse-references.ts';

/** A running worker: the runs on one task queue, the deliveries on another. */
export interface RunningWorker {
  /** Rejects if the worker cannot go on. */
  failed: Promise<never>;
  /** Whether both task queues are being polled. */
  isRunning(): boolean;
  /** Finishes the activities under way, up to the grace time. */
  stop(): Promise<void>;
}

/** Longer than any HTTP or SMTP time limit, so that a deployment costs no attempt. */
const shutdownGraceTime = '35s';
const shutdownForceTime = '50s';

/** Starts the worker. Resolves once both task queues are polled. */
export async function startWorker(deps: {
  connection: NativeConnection;
  namespace: string;
  /** Its id. */
  installation: string;
  /** The interpreter: as `bundleInterpreter` makes it, or the file that the build made. */
  bundle: WorkflowBundleOption;
  activities: ActivityFunctions;
  deliveryActivities: ActivityFunctions;
  /** Runs kept in memory between tasks, at about 0.3 MB each. 0 replays every task, for tests. */
  cachedRuns: number;
  /** Ordinary activities, and deliveries, at once. */
  concurrentActivities: number;
}): Promise<RunningWorker> {
  const { connection, namespace } = deps;
  const taskQueues = taskQueuesOf(deps.installation);
  const shared = { connection, namespace, shutdownGraceTime, shutdownForceTime } as const;
  const runs = await Worker.create({
    ...shared,
    taskQueue: taskQueues.runs,
    workflowBundle: deps.bundle,
    activities: { ...deps.activities, default: failUnknown },
    maxCachedWorkflows: deps.cachedRuns,
    maxConcurrentActivityTaskExecutions: deps.concurrentActivities,
    interceptors: { activity: [heartbeatInterceptor, effectInterceptor, failureTextInterceptor] },
    // A bug in the interpreter fails the run, where it can be seen, instead of retrying the task forever.
    workflowFailureErrorTypes: { '*': ['TypeError', 'RangeError', 'ReferenceError', 'SyntaxError'] },
  });
  const deliveries = await Worker.create({
    ...shared,
    taskQueue: taskQueues.deliveries,
    activities: deps.deliveryActivities,
    maxConcurrentActivityTaskExecutions: deps.concurrentActivities,
    interceptors: { activity: [failureTextInterceptor] },
  });
  const workers = [refuseReferences(runs), deliveries];
  const ended = Promise.all(workers.map((worker) => worker.run()));
  const failed = ended.then(() => new Promise<never>(() => undefined));
  failed.catch(() => undefined); // Callers handle it. Until they await it, it must not count as unhandled.
  return {
    failed,
    isRunning: () => workers.every((worker) => worker.getState() === 'RUNNING'),
    async stop() {
      for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
      await ended;
    },
  };
}

/** Runs in place of every activity that this worker lacks. Transient: during a deployment, another worker may have it. */
function failUnknown(): Promise<never> {
  return Promise.reject(
    activityFailure('ActivityUnknown', `The worker has no activity ${activityInfo().activityType}`),
  );
}
