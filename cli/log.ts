import { closeSync, openSync } from 'node:fs';
import { pino, type Logger } from 'pino';
import pretty from 'pino-pretty';
import { describeError } from './describe-error.ts';

/** Secrets and personal data must never be logged. This is the second line of defence. */
const redact = { paths: ['*.authorization', '*.secret', '*.password', '*.body'], censor: '[redacted]' };
const serializers = { err: (error: unknown) => describeError(error) };

/**
 * Logs to standard error, so that standard output has only the command's results. Writes readable lines if standard error is a
 * terminal, else JSON lines.
 */
export function processLog(level: string): Logger {
  if (!process.stderr.isTTY) return pino({ level, redact, serializers }, pino.destination({ dest: 2, sync: true }));
  const options = { ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss.l', destination: 2, sync: true };
  return pino({ level, redact, serializers }, pretty(options));
}

/** Logs JSON lines to a file, readable by its owner only. */
export function fileLog(level: string, file: string): Logger {
  closeSync(openSync(file, 'a', 0o600));
  return pino({ level, redact, serializers }, pino.destination({ dest: file, sync: true }));
}
