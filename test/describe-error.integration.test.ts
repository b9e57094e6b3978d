import { describe, expect, it, onTestFinished } from 'vitest';
import { describeError } from '../describe-error.ts';
import { endpoints } from '../storage/schema.ts';
import { bothDatabases } from './services/both-databases.ts';
import { endpointRow } from './activities/outbound/endpoint-row.ts';

const secret = 'whsec_that_nobody_may_read';

describe.each(bothDatabases)('a failing statement of %s', (_kind, open) => {
  it('is logged without its values, whether drizzle or the driver reports it', async () => {
    const { databases, close } = await open();
    onTestFinished(close);
    const [database] = databases;
    const row = endpointRow({ id: 'ep_1', url: 'https://shop.example', patterns: ['*'], secret, description: secret });
    await database.orm.insert(endpoints).values(row);
    const again: unknown = await database.orm
      .insert(endpoints)
      .values(row)
      .catch((error: unknown) => error);
    const refused: unknown = await database.run('bad', 'select $1::int', [secret]).catch((error: unknown) => error);
    const logged = [describeError(again), describeError(refused)];
    expect(JSON.stringify(logged)).not.toContain('nobody_may_read');
    expect(logged).toMatchObject([
      { message: 'A database statement failed', cause: { message: 'A database statement failed', code: '23505' } },
      { message: 'A database statement failed', code: '22P02' },
    ]);
  });
});

it('keeps the message, the code and the causes of other errors, but not their other members', () => {
  const cause = Object.assign(new Error('connect ECONNREFUSED'), {
    code: 'ECONNREFUSED',
    headers: { authorization: secret },
  });
  expect(describeError(new TypeError('fetch failed', { cause }))).toEqual({
    type: 'TypeError',
    message: 'fetch failed',
    stack: expect.any(String),
    cause: { type: 'Error', message: 'connect ECONNREFUSED', code: 'ECONNREFUSED', stack: expect.any(String) },
  });
});

it('says no more than the type of what is no error', () => {
  expect(describeError({ secret })).toEqual({ type: 'object', message: 'something that is no error was thrown' });
});
