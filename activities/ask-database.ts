import { ApplicationFailure } from '@temporalio/common';
import { DrizzleQueryError } from 'drizzle-orm/errors';
import { sqlStateOf } from '../storage/sql-state.ts';
import { activityFailure } from './failure-types.ts';

/**
 * Runs `work` on the database. Its errors become `DatabaseUnavailable`, which Temporal retries, or `DatabaseRefused`. The
 * driver's message is left out, since drizzle's contains the statement's values.
 */
export async function askDatabase<Answer>(work: () => Promise<Answer>): Promise<Answer> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ApplicationFailure || isBug(error)) throw error;
    const code = sqlStateOf(error instanceof DrizzleQueryError ? error.cause : error);
    // Class 22, data exception: the database cannot hold the value itself, such as a NUL in a text.
    if (code?.startsWith('22')) throw activityFailure('DatabaseRefused', `The database cannot hold a value (${code})`);
    throw activityFailure('DatabaseUnavailable', `The database is not available (${code ?? 'no code'})`);
  }
}

function isBug(error: unknown): boolean {
  return error instanceof TypeError || error instanceof ReferenceError || error instanceof RangeError;
}
