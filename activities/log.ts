import type { Logger } from 'pino';

/** What activities log through: one wide line for each attempt, without bodies and secrets. */
export type Log = Pick<Logger, 'info' | 'warn' | 'error'>;
