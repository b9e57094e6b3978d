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

/** Sends the SDK's log to ours. Call it once per process, before the first connection. */
export function installRuntime(log: Logger): void {
  const logger = new DefaultLogger('INFO', ({ level, message, meta }) => {
    if (expected.some((text) => message.startsWith(text))) return;
    const fields = Object.entries(meta ?? {}).filter(([name]) => !droppedFields.has(name));
    const shown = fields.map(([name, value]: [string, unknown]) => [name === 'error' ? 'err' : name, value]);
    log[levels[level]](Object.fromEntries(shown), message);
  });
  Runtime.install({ logger, shutdownSignals: [] });
}
