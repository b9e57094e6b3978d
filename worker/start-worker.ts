import { activityInfo } from '@temporalio/activity';
import type { PayloadCodec } from '@temporalio/common';
import { Worker, type NativeConnection, type WorkflowBundleOption } from '@temporalio/worker';
import type { ActivityFunctions } from '../activities/authorize.ts';
import { activityFailure } from '../activities/failure-types.ts';
import { taskQueuesOf } from '../storage/installation.ts';
import { effectInterceptor } from './effect-of-attempts.ts';
import { failureTextInterceptor } from './failure-texts.ts';
import { heartbeatInterceptor } from './heartbeat.ts';
import { refuseReferences } from './refuse-references.ts';

/** A running worker: the runs on one task queue, those of large events on another, the deliveries on a third. */
export interface RunningWorker {
  /** Rejects if the worker cannot go on. */
  failed: Promise<never>;
  /** Whether all task queues are being polled. */
  isRunning(): boolean;
  /** Finishes the activities under way, up to the grace time. */
  stop(): Promise<void>;
}

/** Longer than any HTTP or SMTP time limit, so that a deployment costs no attempt. */
const shutdownGraceTime = '35s';
const shutdownForceTime = '50s';

/** Runs of large events in memory, at up to 100 MB each. The others read their events again at their next task. */
const largeCachedRuns = 4;
/** Deliveries at once for each ordinary activity. */
const deliveriesPerActivity = 4;

/**
 * For all that a task computes at once. Beyond it, the SDK ends the task in a way that can end Node as well ("async hook stack has become
 * corrupted"). `workflows/workload.ts` keeps tasks far shorter; but a busy machine takes much longer for the same work. The SDK knows the
 * option, but does not declare it.
 */
const computing: object = { isolateExecutionTimeout: '45s' };

/**
 * Reading a large event takes a second of work, and so much longer on a busy machine. A second try meanwhile would only make that worse.
 * `server/start-run.ts` gives Temporal's limit for a task.
 */
const patience = { stickyQueueScheduleToStartTimeout: '1 minute' } as const;

/** Starts the worker. Resolves once all task queues are polled. */
export async function startWorker(deps: {
  connection: NativeConnection;
  namespace: string;
  /** Its id. */
  installation: string;
  /** Keeps large values out of the histories. Default: they stay there. */
  claimCheck?: PayloadCodec;
  /** The interpreter: as `bundleInterpreter` makes it, or the file that the build made. */
  bundle: WorkflowBundleOption;
  /** By name. `default` runs in place of every other. */
  activities: ActivityFunctions;
  deliveryActivities: ActivityFunctions;
  /** Runs kept in memory between tasks. Each has 0.16 MB, and as much again is garbage until it is collected. 0 replays every task, for tests. */
  cachedRuns: number;
  /** Ordinary activities, and deliveries, at once. */
  concurrentActivities: number;
}): Promise<RunningWorker> {
  const { connection, namespace, claimCheck } = deps;
  const taskQueues = taskQueuesOf(deps.installation);
  const dataConverter = { payloadCodecs: claimCheck === undefined ? [] : [claimCheck] };
  const shared = { connection, namespace, dataConverter, shutdownGraceTime, shutdownForceTime } as const;
  const interpreting = {
    ...shared,
    ...computing,
    workflowBundle: deps.bundle,
    activities: { default: failUnknown, ...deps.activities },
    maxConcurrentActivityTaskExecutions: deps.concurrentActivities,
    interceptors: { activity: [heartbeatInterceptor, effectInterceptor, failureTextInterceptor] },
    // A bug in the interpreter fails the run, where it can be seen, instead of retrying the task forever.
    workflowFailureErrorTypes: { '*': ['TypeError', 'RangeError', 'ReferenceError', 'SyntaxError'] },
  };
  const runs = await Worker.create({
    ...interpreting,
    taskQueue: taskQueues.runs,
    maxCachedWorkflows: deps.cachedRuns,
  });
  const largeRuns = await Worker.create({
    ...interpreting,
    taskQueue: taskQueues.largeRuns,
    maxCachedWorkflows: Math.min(deps.cachedRuns, largeCachedRuns),
    maxConcurrentWorkflowTaskExecutions: 2, // The fewest that the SDK accepts.
    ...patience,
  });
  const deliveries = await Worker.create({
    ...shared,
    taskQueue: taskQueues.deliveries,
    activities: deps.deliveryActivities,
    // They wait for receivers most of the time. Each endpoint takes a few at most, so that those that hang leave places for others.
    maxConcurrentActivityTaskExecutions: deliveriesPerActivity * deps.concurrentActivities,
    interceptors: { activity: [failureTextInterceptor] },
  });
  const workers = [refuseReferences(runs), refuseReferences(largeRuns), deliveries];
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
