import { msToNumber } from '@temporalio/common/lib/time.js';
import { ApplicationFailure, proxySinks, type Sinks, type WorkflowInterceptors } from '@temporalio/workflow';

/** A command of the interpreter with its values: Temporal's own replay compares only types and order. */
export interface CommandSinks extends Sinks {
  commands: {
    activity(command: { id: string; type: string; args: unknown[]; timeoutMs: number }): void;
    localActivity(command: { type: string; args: unknown[] }): void;
    timer(command: { ms: number }): void;
    child(command: { id: string; type: string; args: unknown[] }): void;
    result(value: unknown): void;
    failure(failure: { type: string; message: string }): void;
    continued(args: unknown[]): void;
  };
}

const { commands } = proxySinks<CommandSinks>();

/** An interceptor module for the workflow bundle, in tests only. */
export const interceptors = (): WorkflowInterceptors => ({
  inbound: [
    {
      async execute(input, next) {
        try {
          const result = await next(input);
          commands.result(result ?? null);
          return result;
        } catch (error) {
          if (error instanceof ApplicationFailure) {
            commands.failure({ type: error.type ?? '', message: error.message });
          }
          throw error;
        }
      },
    },
  ],
  outbound: [
    {
      scheduleActivity(input, next) {
        const timeoutMs = msToNumber(input.options.startToCloseTimeout ?? 0);
        commands.activity({ id: input.options.activityId ?? '', type: input.activityType, args: input.args, timeoutMs });
        return next(input);
      },
      scheduleLocalActivity(input, next) {
        commands.localActivity({ type: input.activityType, args: input.args });
        return next(input);
      },
      startTimer(input, next) {
        commands.timer({ ms: input.durationMs });
        return next(input);
      },
      startChildWorkflowExecution(input, next) {
        commands.child({ id: input.options.workflowId, type: input.workflowType, args: input.options.args });
        return next(input);
      },
      continueAsNew(input, next) {
        commands.continued(input.args);
        return next(input);
      },
    },
  ],
});
