import type { Context } from '@temporalio/activity';
import type { ActivityInterceptors } from '@temporalio/worker';

/**
 * Sends three heartbeats in each heartbeat timeout. So an attempt may take long, and Temporal still soon notices a worker that
 * was killed. A cancellation reaches an attempt with its next heartbeat. Attempts without a heartbeat timeout and local
 * activities send none. Each repeats the word that the attempt before has left: see `effect-of-attempts.ts`.
 */
export function heartbeatInterceptor(context: Context): ActivityInterceptors {
  const { heartbeatTimeoutMs = 0, isLocal } = context.info;
  const heartbeatDetails: unknown = context.info.heartbeatDetails;
  if (heartbeatTimeoutMs === 0 || isLocal) return {};
  return {
    inbound: {
      async execute(input, next) {
        const timer = setInterval(() => context.heartbeat(heartbeatDetails), heartbeatTimeoutMs / 3);
        try {
          return await next(input);
        } finally {
          clearInterval(timer);
        }
      },
    },
  };
}
