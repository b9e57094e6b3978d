import type { components } from '../../../cli/api-types.ts';
import type { RunState } from '../../parts/tones.ts';

export type FullRun = components['schemas']['FullRun'];
export type RunStep = components['schemas']['RunStep'];

/** What a run does, as lists tell it: of several things at once, the one that matters most to an operator. */
export function stateOf({ status, details, retries, workflowId }: FullRun): RunState {
  const word = status.toUpperCase();
  if (word === 'COMPLETED') return 'completed';
  if (word === 'FAILED' || word === 'TIMED_OUT') {
    return retries.some(({ of, state }) => of === workflowId && state !== 'refused') ? 'retried' : 'failed';
  }
  if (word === 'CANCELED' || word === 'CANCELLED') return 'canceled';
  if (word === 'TERMINATED') return 'terminated';
  if (word !== 'RUNNING') return 'unknown';
  if (details === null) return 'running';
  if (details.commandable.some(({ state }) => state === 'parked')) return 'parked';
  if (details.paused !== null) return 'paused';
  if (details.asking.length > 0) return 'approval';
  if (details.failure !== null) return 'undoing';
  return details.commandable.some(({ state }) => state === 'waiting') ? 'waiting' : 'running';
}

/** Whether it goes on. */
export function isOpen({ status }: Pick<FullRun, 'status'>): boolean {
  return status.toUpperCase() === 'RUNNING';
}

/** The step of a key: `pay` of `pay/3`, of `pay~2`, and of a step within a passage of a loop. */
export function stepOfKey(key: string): string {
  return key.split(/[/~]/, 1)[0] ?? key;
}

/** A run in a few words: its definition, and which retry it is. */
export function runName(workflowId: string): string {
  const [, definition = workflowId] = workflowId.split('/');
  const retry = /\/kait:retry-(\d+)$/.exec(workflowId)?.[1];
  return retry === undefined ? definition : `${definition} (${retry})`;
}

/** Every step of a run, those within others after them. */
export function allSteps(steps: readonly RunStep[]): RunStep[] {
  return steps.flatMap((step) => [step, ...step.branches.flatMap((branch) => allSteps(branch.steps))]);
}
