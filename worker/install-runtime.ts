import { DefaultLogger, Runtime, type LogLevel } from '@temporalio/worker';
import type { Logger } from 'pino';

/** What Temporal's SDK logs at info is about itself; operators of Kait see its warnings. */
const levels: Record<LogLevel, 'debug' | 'warn' | 'error'> = {
  TRACE: 'debug',
  DEBUG: 'debug',
  INFO: 'debug',
  WARN: 'warn',
  ERROR: 'error',
};

/** Too long for a log line, or of use to nobody there. */
const droppedFields = new Set(['taskToken', 'sdkComponent', 'isLocal', 'namespace']);

/** Sends the SDK's log to ours. Once per process, and before the first connection. */
export function installRuntime(log: Logger): void {
  const logger = new DefaultLogger('INFO', ({ level, message, meta }) => {
    if (expected.some((text) => message.startsWith(text))) return;
    const fields = Object.entries(meta ?? {}).filter(([name]) => !droppedFields.has(name));
    const shown = fields.map(([name, value]: [string, unknown]) => [name === 'error' ? 'err' : name, value]);
    log[levels[level]](Object.fromEntries(shown), message);
  });
  Runtime.install({ logger, shutdownSignals: [] });
}

/** Warnings about what is meant to be so: the delivery queue has no workflows. */
const expected = ['No workflows registered', 'No Nexus services registered'];
