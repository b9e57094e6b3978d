import { closeSync, openSync } from 'node:fs';
import { pino, type DestinationStream, type Logger, type LoggerOptions } from 'pino';
import pretty from 'pino-pretty';
import { describeError, withoutSecrets } from '../describe-error.ts';

/** Secrets and personal data must never be logged. This is the second line of defence. */
const redact = { paths: ['*.authorization', '*.secret', '*.password', '*.body'], censor: '[redacted]' };

/** Every error, under whatever name it is logged, and every text that may quote one. */
const formatters = {
  log: (fields: Record<string, unknown>) =>
    Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, loggable(name, value)])),
};
const hooks: NonNullable<LoggerOptions['hooks']> = {
  logMethod(given, method) {
    const args: unknown[] = given[0] instanceof Error ? [{ err: given[0] }, 'unexpected error'] : given;
    const cleaned = args.map((each) => (typeof each === 'string' ? withoutSecrets(each) : each));
    method.apply(this, cleaned as typeof given); // As many as were given.
  },
};

function loggable(name: string, value: unknown): unknown {
  if (value instanceof Error || name === 'err') return describeError(value);
  return typeof value === 'string' ? withoutSecrets(value) : value;
}

/** What pino would do to an error has been done. */
const serializers = { err: (described: unknown) => described };

/** Logs to `destination` without what must not be in a log. */
export function safeLog(level: string, destination: DestinationStream): Logger {
  return pino({ level, redact, serializers, formatters, hooks }, destination);
}

/**
 * Logs to standard error, so that standard output has only the command's results. Writes readable lines if standard error is a
 * terminal, else JSON lines.
 */
export function processLog(level: string): Logger {
  if (!process.stderr.isTTY) return safeLog(level, pino.destination({ dest: 2, sync: true }));
  const options = { ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss.l', destination: 2, sync: true };
  return safeLog(level, pretty(options));
}

/** Logs JSON lines to a file, readable by its owner only. */
export function fileLog(level: string, file: string): Logger {
  closeSync(openSync(file, 'a', 0o600));
  return safeLog(level, pino.destination({ dest: file, sync: true }));
}

/** Like {@link fileLog}, and hands every entry to `take`, whatever its level. */
export function teeLog(level: string, file: string, take: (entry: Record<string, unknown>) => void): Logger {
  closeSync(openSync(file, 'a', 0o600));
  const kept = pino.destination({ dest: file, sync: true });
  const least = pino.levels.values[level] ?? Infinity; // `silent` is no level.
  return safeLog('debug', {
    write(line) {
      const entry = JSON.parse(line) as { level: number };
      if (entry.level >= least) kept.write(line);
      take(entry);
    },
  });
}
