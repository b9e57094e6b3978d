import type { Context } from '@temporalio/activity';
import type { ActivityInterceptors } from '@temporalio/worker';

/**
 * Shows Temporal that an attempt is alive, three times in the time after which it would be given up. So an attempt may take
 * long and a worker that was killed is still noticed soon; and a cancellation reaches an attempt with its next heartbeat.
 * Attempts without a heartbeat time limit, and local activities, are left alone.
 */
export function heartbeatInterceptor(context: Context): ActivityInterceptors {
  const { heartbeatTimeoutMs = 0, isLocal } = context.info;
  if (heartbeatTimeoutMs === 0 || isLocal) return {};
  return {
    inbound: {
      async execute(input, next) {
        const timer = setInterval(() => context.heartbeat(), heartbeatTimeoutMs / 3);
        try {
          return await next(input);
        } finally {
          clearInterval(timer);
        }
      },
    },
  };
}
