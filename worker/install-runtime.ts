import { setFlagsFromString } from 'node:v8';
import { IllegalStateError } from '@temporalio/common';
import { DefaultLogger, Runtime, type LogLevel } from '@temporalio/worker';
import type { Logger } from 'pino';

/** The SDK's info lines are about the SDK itself. Operators of Kait see its warnings. */
const levels: Record<LogLevel, 'debug' | 'warn' | 'error'> = {
  TRACE: 'debug',
  DEBUG: 'debug',
  INFO: 'debug',
  WARN: 'warn',
  ERROR: 'error',
};

/** Too long or of no use in a log line. */
const droppedFields = new Set(['taskToken', 'sdkComponent', 'isLocal', 'namespace']);

/** Warnings about an intended setup: the delivery queue has no workflows. */
const expected = ['No workflows registered', 'No Nexus services registered'];

/**
 * How much the heap of a process that hosts runs may grow between two collections, of what is alive, in percent. By default, V8 lets it double and
 * more, so that most of a worker's memory was garbage of runs that only wait.
 */
const heapGrowth = 40;

/**
 * Sends the SDK's log to ours, and keeps the heaps of all its threads small. Call it before the first connection of the process. While one is open, a
 * second call changes nothing.
 */
export function installRuntime(log: Logger): void {
  setFlagsFromString(`--heap-growing-percent=${heapGrowth}`);
  const logger = new DefaultLogger('INFO', ({ level, message, meta }) => {
    if (expected.some((text) => message.startsWith(text))) return;
    const fields = Object.entries(meta ?? {}).filter(([name]) => !droppedFields.has(name));
    const shown = fields.map(([name, value]: [string, unknown]) => [name === 'error' ? 'err' : name, value]);
    log[levels[level]](Object.fromEntries(shown), message);
  });
  try {
    Runtime.install({ logger, shutdownSignals: [] });
  } catch (error) {
    if (!(error instanceof IllegalStateError && error.message.endsWith('already been installed'))) throw error;
  }
}
