import type { components } from '../../cli/api-types.ts';

/** What a state means to whoever looks: it is well, it works, it waits, look at it, it is broken, or nothing happens. */
export type Tone = 'ok' | 'run' | 'wait' | 'warn' | 'bad' | 'idle';

export type EventState = components['schemas']['ListedEvent']['state'];
export type RunState = components['schemas']['Run']['state'];
export type StepStatus = components['schemas']['RunStep']['status'];
export type DeliveryState = 'pending' | 'started' | 'parked' | 'delivered' | 'exhausted' | 'refused';

export const eventTones: Record<EventState, Tone> = {
  pending: 'run',
  waiting: 'wait',
  queued: 'wait',
  dispatched: 'ok',
  ignored: 'idle',
  failed: 'bad',
  unreadable: 'bad',
};

export const runTones: Record<RunState, Tone> = {
  running: 'run',
  waiting: 'wait',
  approval: 'warn',
  parked: 'bad',
  paused: 'warn',
  undoing: 'warn',
  completed: 'ok',
  failed: 'bad',
  retried: 'idle',
  canceled: 'idle',
  terminated: 'bad',
  unknown: 'idle',
};

export const stepTones: Record<StepStatus, Tone> = {
  pending: 'idle',
  running: 'run',
  done: 'ok',
  skipped: 'idle',
  failed: 'bad',
  // Definitions say what happens then.
  timedOut: 'warn',
  canceled: 'idle',
  parked: 'bad',
};

export const deliveryTones: Record<DeliveryState, Tone> = {
  pending: 'idle',
  started: 'run',
  parked: 'warn',
  delivered: 'ok',
  exhausted: 'bad',
  refused: 'bad',
};
