import type { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { ActivityInterceptors } from '@temporalio/worker';

/**
 * Makes a failure speak for all attempts of its step. Temporal shows a run only the last attempt's failure, which may have
 * changed nothing (`effect: none`) although an earlier one may have. An attempt leaves word for the next one in its heartbeat's
 * details; if that gets lost, earlier attempts count as unknown. Local activities answer for all their attempts: they know
 * their key.
 */
export function effectInterceptor(context: Context): ActivityInterceptors {
  const { isLocal, attempt } = context.info;
  const heartbeatDetails: unknown = context.info.heartbeatDetails;
  if (isLocal) return {};
  const earlierChangedNothing = attempt === 1 || unchangedBy(heartbeatDetails) === attempt - 1;
  return {
    inbound: {
      async execute(input, next) {
        try {
          return await next(input);
        } catch (error) {
          if (!(error instanceof ApplicationFailure) || effectOf(error) !== 'none') throw error;
          if (!earlierChangedNothing) throw withUnknownEffect(error);
          context.heartbeat({ changedNothing: attempt });
          throw error;
        }
      },
    },
  };
}

/** The number of the last attempt that, like all before, has changed nothing. */
function unchangedBy(heartbeatDetails: unknown): unknown {
  return (heartbeatDetails as { changedNothing?: unknown } | undefined)?.changedNothing;
}

function effectOf({ details }: ApplicationFailure): unknown {
  return (details?.[0] as { effect?: unknown } | undefined)?.effect;
}

function withUnknownEffect(failure: ApplicationFailure): ApplicationFailure {
  const details = [{ ...(failure.details?.[0] as object), effect: 'unknown' }];
  return new ApplicationFailure(
    failure.message,
    failure.type,
    failure.nonRetryable,
    details,
    failure.cause,
    failure.nextRetryDelay,
  );
}
