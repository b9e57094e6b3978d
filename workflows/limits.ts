import type { StepDefaults } from '../language/definition.ts';
import { parseDuration } from '../language/duration.ts';
import type { CallRequest } from './effects.ts';

/** Fills in what neither a step nor its definition says: 30 s an attempt; 20 attempts over about an hour. */
export function limitsMs(
  own: StepDefaults,
  defaults: StepDefaults = {},
): Pick<CallRequest, 'timeoutMs' | 'deadlineMs' | 'heartbeatMs' | 'retry'> {
  const { attempts = 20, first = '1s', factor = 2, max = '5m', except = [] } = { ...defaults.retry, ...own.retry };
  const timeoutMs = parseDuration(own.timeout ?? defaults.timeout ?? '30s');
  const deadline = own.deadline ?? defaults.deadline;
  return {
    timeoutMs,
    deadlineMs: deadline === undefined ? null : parseDuration(deadline),
    heartbeatMs: Math.min(timeoutMs, parseDuration(own.heartbeat ?? defaults.heartbeat ?? '10s')),
    retry: { attempts, firstMs: parseDuration(first), factor, maxMs: parseDuration(max), except },
  };
}
