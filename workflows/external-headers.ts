import { defaultPayloadConverter } from '@temporalio/common';
import type { WorkflowInterceptorsFactory } from '@temporalio/workflow';
import type { ExternalArgument } from '../language/external-activity.ts';

/**
 * Puts what the argument of an activity of another language says of its run into the header, where interceptors of a worker find it. Such
 * activities are those with a task queue of their own.
 */
export const interceptors: WorkflowInterceptorsFactory = () => ({
  outbound: [
    {
      scheduleActivity(input, next) {
        if (input.options.taskQueue === undefined) return next(input);
        const { idempotencyKey, run } = input.args[0] as ExternalArgument; // See `external-call.ts`.
        const headers = {
          'kait-idempotency-key': defaultPayloadConverter.toPayload(idempotencyKey),
          'kait-run': defaultPayloadConverter.toPayload(run),
        };
        return next({ ...input, headers: { ...input.headers, ...headers } });
      },
    },
  ],
});
