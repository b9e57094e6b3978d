import { spawnSync } from 'node:child_process';
import { DrizzleQueryError } from 'drizzle-orm/errors';
import { expect, it } from 'vitest';
import { askDatabase } from '../activities/ask-database.ts';
import { keepLastGood } from '../cli/compose/last-good-secrets.ts';
import { untilReachable } from '../cli/compose/until-reachable.ts';
import { safeLog } from '../cli/log.ts';
import { describeError, errorText } from '../describe-error.ts';
import { startFailureOf } from '../storage/start-failure.ts';
import { storableReason } from '../storage/storable-reason.ts';

const secret = 'whsec-nobody-may-read';
const detail = `Key (secret)=(${secret}) already exists.`;
const ofDriver = Object.assign(new Error(`value "${secret}" is refused`), { code: '23505', severity: 'ERROR', detail });

const errors: [what: string, error: unknown][] = [
  ['a failed statement', new DrizzleQueryError('insert into endpoints values ($1)', [secret], ofDriver)],
  ['the driver’s own error', ofDriver],
  ['an error whose cause is a failed statement', new Error('not stored', { cause: ofDriver })],
  ['a connection string', new Error(`cannot connect to postgres://kait:${secret}@db:5432/kait?sslmode=require`)],
  ['a password with separators', new Error(`cannot connect to postgres://kait:a/b?${secret}#c@db:5432/kait`)],
  ['a URL with a secret in its query', new Error(`GET https://api.example/x?key=${secret} failed`)],
  ['a URL with a secret in its fragment', new Error(`GET https://api.example/x#${secret} failed`)],
  ['an error for each address', new AggregateError([new Error(`connect amqp://u:${secret}@10.0.0.1`)], '')],
  ['members with a secret', Object.assign(new Error('refused'), { headers: { authorization: secret }, input: secret })],
];

/** Each path that an error can take out of the process. They return what can be read there. */
const paths: [path: string, read: (error: Error) => Promise<string> | string][] = [
  ['the log', (error) => logged((log) => log.error({ err: error }, 'failed'))],
  ['the log, under another name', (error) => logged((log) => log.error({ failure: error, cause: error }, 'failed'))],
  ['the log, without fields', (error) => logged((log) => log.error(error))],
  ['the log, as text', (error) => logged((log) => log.warn({ reason: errorText(error) }, errorText(error)))],
  ['Temporal’s activities', (error) => askDatabase(() => Promise.reject(error)).catch(described)],
  ['the reason of a start', (error) => JSON.stringify(startFailureOf(new Error('Failed to start', { cause: error })))],
  ['the database', (error) => storableReason(errorText(error))],
  ['the waiting for a server', (error) => logged((log) => waitOnce(error, log))],
  ['a lost secret', (error) => logged((log) => loseSecret(error, log))],
];

const table = paths.flatMap(([path, read]) => errors.map(([what, error]) => [path, what, read, error] as const));

it.each(table)('%s does not get what must stay secret, from %s', async (_path, _what, read, error) => {
  const text = await read(error as Error);
  expect(text).not.toContain('nobody-may-read');
  expect(text).not.toBe('');
});

it.each([
  ['a failed statement', errors[0]![1], 'A database statement failed (23505)'],
  ['a connection string', errors[3]![1], 'cannot connect to postgres://[redacted]@db:5432/kait?[redacted]'],
  ['a query', errors[5]![1], 'GET https://api.example/x?[redacted] failed'],
  ['an error for each address', errors[7]![1], 'connect amqp://[redacted]@10.0.0.1'],
  ['a plain error', new Error('connect ECONNREFUSED 10.0.0.1:5432'), 'connect ECONNREFUSED 10.0.0.1:5432'],
  ['an error without a message', new TypeError(''), 'TypeError'],
  ['what is no error', 'read https://user@host/', 'read https://[redacted]@host/'],
])('still says what went wrong: %s', (_what, error, text) => {
  expect(errorText(error)).toBe(text);
});

it.each(['Promise.reject(error)', 'setImmediate(() => { throw error; })'])(
  'standard error does not get the members of an error that nobody handles: %s',
  (statement) => {
    const script = `
      import { main } from './cli/main.ts';
      const error = Object.assign(new Error('Failed query: ${secret}'), { params: ['${secret}'] });
      void main(['node', 'kait', 'validate']);
      ${statement};`;
    const { status, stderr } = spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
      encoding: 'utf8',
    });
    expect(stderr).not.toContain('nobody-may-read');
    expect(stderr).toContain('Unexpected error: Error: A database statement failed');
    expect(status).toBe(1);
  },
);

type Log = ReturnType<typeof safeLog>;

async function logged(act: (log: Log) => unknown): Promise<string> {
  const lines: string[] = [];
  await act(safeLog('trace', { write: (line: string) => void lines.push(line) }));
  return lines.join('');
}

function described(error: unknown): string {
  return JSON.stringify(describeError(error)) + String(error);
}

async function waitOnce(error: Error, log: Log): Promise<void> {
  const stopping = new AbortController();
  const connect = () => {
    setImmediate(() => stopping.abort());
    return Promise.reject(error);
  };
  await untilReachable('PostgreSQL', 'DATABASE_URL', connect, { log, signal: stopping.signal }).catch(() => undefined);
}

function loseSecret(error: Error, log: Log): void {
  let isLost = false;
  const lookup = keepLastGood(() => {
    if (!isLost) return 'value';
    throw error;
  }, log);
  lookup('NAME');
  isLost = true;
  lookup('NAME');
}
