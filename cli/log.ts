import { closeSync, openSync } from 'node:fs';
import { pino, type DestinationStream, type Logger, type LoggerOptions } from 'pino';
import pretty from 'pino-pretty';
import { describeError, withoutSecrets } from '../describe-error.ts';

/** Members of logged objects. Secrets and personal data must never be logged. This is the second line of defence. */
const redacted = ['authorization', 'secret', 'password', 'body'];

/** Every error, under whatever name it is logged, every text that may quote one, and every object. */
const formatters = {
  log: (fields: Record<string, unknown>) => {
    const shown: Record<string, unknown> = {};
    for (const name of Object.keys(fields)) shown[name] = loggable(name, fields[name]);
    return shown;
  },
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
  if (typeof value === 'string') return withoutSecrets(value);
  return typeof value === 'object' && value !== null ? withoutNamed(value) : value;
}

/** Instead of pino's `redact`, which takes more time for a line without objects than all else that makes it. */
function withoutNamed(value: object): object {
  const found = redacted.filter((name) => Object.hasOwn(value, name));
  return found.length === 0 ? value : { ...value, ...Object.fromEntries(found.map((name) => [name, '[redacted]'])) };
}

/** What pino would do to an error has been done. */
const serializers = { err: (described: unknown) => described };

/** Logs to `destination` without what must not be in a log. */
export function safeLog(level: string, destination: DestinationStream): Logger {
  return pino({ level, serializers, formatters, hooks }, destination);
}

/**
 * Logs to standard error, so that standard output has only the command's results. Writes readable lines if standard error is a
 * terminal, else JSON lines, several at once: see {@link gathered}.
 */
export function processLog(level: string): Logger {
  if (!process.stderr.isTTY) return safeLog(level, gathered(pino.destination({ dest: 2, sync: true })));
  const options = { ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss.l', destination: 2, sync: true };
  return safeLog(level, pretty(options));
}

const errorLevel = 50;
const longestWaitMs = 100;
const mostCharacters = 64 * 1024;

/**
 * Writes the lines of up to 100 ms together, because a write takes as long as the rest of a line. Nothing is lost when the process exits,
 * or ends with an error: then, and with each line of level `error`, what waits is written at once. `kill -9` loses what waits.
 */
function gathered(destination: { write: (text: string) => unknown }): DestinationStream {
  let waiting = '';
  let timer: NodeJS.Timeout | undefined;
  const flushSync = () => {
    clearTimeout(timer);
    timer = undefined;
    const text = waiting;
    waiting = '';
    if (text !== '') destination.write(text);
  };
  process.on('exit', flushSync);
  process.on('uncaughtExceptionMonitor', flushSync); // The reason that ends a process comes last.
  const stream = {
    /** Makes pino keep the level of each line in `lastLevel`. */
    [Symbol.for('pino.metadata')]: true,
    lastLevel: 0,
    write(line: string) {
      waiting += line;
      if (stream.lastLevel >= errorLevel || waiting.length > mostCharacters) flushSync();
      else timer ??= setTimeout(flushSync, longestWaitMs).unref();
    },
    flushSync,
  };
  return stream;
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
