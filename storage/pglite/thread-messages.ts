import { messages, type Results } from '@electric-sql/pglite';

/** What the main thread asks of the thread that runs PGlite. `request-queue.ts` says in which order it is done. */
export type ThreadRequest = { id: number } & (
  | { kind: 'open'; folder: string }
  | ({ kind: 'query' } & Statement)
  /** The transaction's number is that of this request. Answered when its turn has come. */
  | { kind: 'begin' }
  | { kind: 'end'; transaction: number; commit: boolean }
  | { kind: 'close' }
);

export interface Statement {
  sql: string;
  values: readonly unknown[];
  /** The types whose columns stay as texts. */
  texts?: number[];
  /** Within which it runs; by itself if null. */
  transaction: number | null;
  /** Whether it passes those that wait: see `RunOptions` of `storage/database.ts`. */
  urgent: boolean;
}

export type ThreadReply = { id: number; result: ThreadResult | null } | { id: number; thrown: Thrown };

/** Rows are arrays: the names of the columns would be copied for each row. */
export type ThreadResult = Results<unknown[]>;

/** An error, since a message keeps none of its properties. */
export interface Thrown {
  name: string;
  message: string;
  stack: string | undefined;
  isDatabaseError: boolean;
  /** SQLSTATE, constraint, detail, and so on. */
  properties: Record<string, unknown>;
}

/** `params` and `queryOptions` stay behind: who asked has them. */
const unsent = ['params', 'queryOptions'];

export function thrownOf(error: unknown): Thrown {
  if (!(error instanceof Error)) return thrownOf(new Error(String(error)));
  const { name, message, stack } = error;
  const properties = Object.fromEntries(Object.entries(error).filter(([key]) => !unsent.includes(key)));
  return { name, message, stack, isDatabaseError: error instanceof messages.DatabaseError, properties };
}

/** The error as PGlite has thrown it. */
export function errorOf({ name, message, stack, isDatabaseError, properties }: Thrown, params?: unknown[]): Error {
  const error: Error = isDatabaseError ? new messages.DatabaseError(message, 0, 'error') : new Error(message);
  const rest: object = isDatabaseError ? { ...properties, params } : properties;
  return Object.assign(error, { name }, stack !== undefined && { stack }, rest);
}
