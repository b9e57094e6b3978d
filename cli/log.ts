import { closeSync, openSync } from 'node:fs';
import { pino, type Logger } from 'pino';
import pretty from 'pino-pretty';

/** Fields that could hold a secret or personal data have no business in a log; this is the second line of defence. */
const redact = { paths: ['*.authorization', '*.secret', '*.password', '*.body'], censor: '[redacted]' };

/** JSON lines on standard output, or readable ones where a person looks on. */
export function processLog(level: string): Logger {
  if (process.stdout.isTTY) {
    return pino({ level, redact }, pretty({ ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss.l', sync: true }));
  }
  return pino({ level, redact }, pino.destination({ sync: true }));
}

/** JSON lines in a file, for commands whose terminal shows something else. */
export function fileLog(level: string, file: string): Logger {
  closeSync(openSync(file, 'a', 0o600));
  return pino({ level, redact }, pino.destination({ dest: file, sync: true }));
}
