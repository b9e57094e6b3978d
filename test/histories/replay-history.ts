import { createRequire } from 'node:module';
import {
  bundleWorkflowCode,
  Worker,
  type InjectedSinks,
  type ReplayWorkerOptions,
  type WorkflowBundleWithSourceMap,
} from '@temporalio/worker';
import { interpreting } from '../../worker/bundle-interpreter.ts';
import type { CommandSinks } from './report-commands.ts';

/** A run's commands to Temporal in order, grouped by kind. */
export interface Commands {
  activities: { id: string; type: string; args: unknown[]; timeoutMs: number }[];
  /** Histories do not contain the arguments of local activities. */
  localActivities: { type: string }[];
  timersMs: number[];
  children: { id: string; type: string; args: unknown[] }[];
  /** Empty if the run was canceled. */
  ends: ({ result: unknown } | { failure: { type: string; message: string } } | { continued: unknown[] })[];
}

/** Today's interpreter, with an interceptor that reports its commands. */
export function bundleForReplay(): Promise<WorkflowBundleWithSourceMap> {
  const require = createRequire(import.meta.url);
  const silent = () => undefined;
  return bundleWorkflowCode({
    ...interpreting(), // As the worker does.
    workflowInterceptorModules: [require.resolve('./report-commands.ts')],
    logger: { log: silent, trace: silent, debug: silent, info: silent, warn: silent, error: silent },
  });
}

/**
 * Replays a history with today's interpreter. Rejects if it does other things than the recorded one, or in another order.
 * Resolves to its commands with all values, which Temporal's own replay does not compare.
 */
export async function replayHistory(
  workflowBundle: WorkflowBundleWithSourceMap,
  history: object,
  workflowId: string,
): Promise<Commands> {
  const commands: Commands = { activities: [], localActivities: [], timersMs: [], children: [], ends: [] };
  const options: ReplayWorkerOptions = { workflowBundle, sinks: sinksInto(commands), replayName: workflowId };
  await Worker.runReplayHistory(options, history, workflowId);
  return commands;
}

function sinksInto(commands: Commands): InjectedSinks<CommandSinks> {
  const always = <Args extends unknown[]>(fn: (...args: Args) => void) => ({
    fn: (_info: unknown, ...args: Args) => fn(...args),
    callDuringReplay: true,
  });
  return {
    commands: {
      activity: always((command) => void commands.activities.push(command)),
      localActivity: always(({ type }) => void commands.localActivities.push({ type })),
      timer: always(({ ms }) => void commands.timersMs.push(ms)),
      child: always((command) => void commands.children.push(command)),
      result: always((result) => void commands.ends.push({ result })),
      failure: always((failure) => void commands.ends.push({ failure })),
      continued: always((continued) => void commands.ends.push({ continued })),
    },
  };
}
