import { type QueryOptions, type Results, types } from '@electric-sql/pglite';
import { startDatabaseThread } from './database-thread.ts';
import type { PGliteClient } from './pglite-client.ts';
import type { ThreadResult } from './thread-messages.ts';

export interface PGliteInThread extends PGliteClient {
  /** Rejects with `KAIT_DATABASE_STOPPED` if the thread ends before `close`. */
  failed: Promise<never>;
}

/**
 * Starts PGlite on the files in `folder`, in a thread of its own: nothing can interrupt a statement, and here it holds up no webhook. Values,
 * rows and errors are those of a PGlite in this thread.
 */
export async function startPGliteThread(folder: string): Promise<PGliteInThread> {
  const { ask, close, failed } = startDatabaseThread();

  async function query<Row>(
    sql: string,
    params: unknown[],
    options: QueryOptions & { urgent?: boolean } = {},
    transaction: number | null = null,
  ) {
    const transferred: ArrayBuffer[] = [];
    const values = params.map((value) => outgoing(value, transferred));
    const texts = options.parsers && { texts: Object.keys(options.parsers).map(Number) };
    const { urgent = false } = options;
    const request = { kind: 'query' as const, sql, values, transaction, urgent, ...texts };
    return resultOf<Row>(await ask(request, { transferred, params }).reply, options);
  }

  await ask({ kind: 'open', folder }).reply.catch(async (error: unknown) => {
    await close();
    throw error;
  });
  return {
    failed,
    close,
    query: (sql, params = [], options) => query(sql, params, options),
    async transaction(work) {
      const begin = ask({ kind: 'begin' });
      await begin.reply;
      const end = (commit: boolean) => ask({ kind: 'end', transaction: begin.id, commit }).reply;
      const transaction = {
        query: <Row>(sql: string, params: unknown[] = [], options?: QueryOptions) =>
          query<Row>(sql, params, options, begin.id),
      };
      const result = await work(transaction).catch(async (error: unknown) => {
        await end(false).catch(() => undefined); // The first error matters more.
        throw error;
      });
      await end(true);
      return result;
    },
  };
}

/** Bytes are copied once, since the caller may go on to use them, and then handed over. */
function outgoing(value: unknown, transferred: ArrayBuffer[]): unknown {
  if (Array.isArray(value)) return value.map((element) => outgoing(element, transferred));
  if (!(value instanceof Uint8Array)) return value;
  const bytes = new Uint8Array(value);
  transferred.push(bytes.buffer);
  return bytes;
}

type Parser = (text: string) => unknown;

/** The thread leaves texts where the caller has parsers of its own, and JSON. */
function resultOf<Row>(result: ThreadResult | null, options: QueryOptions = {}): Results<Row> {
  if (result === null) throw new TypeError('The thread of the database has answered a query without a result');
  const parsers = result.fields.map(({ dataTypeID }) => parserOf(dataTypeID, options));
  const names = result.fields.map(({ name }) => name);
  const rows = result.rows.map((row) => {
    const values = row.map((value, index) => (value === null ? null : (parsers[index]?.(value as string) ?? value)));
    return options.rowMode === 'array' ? values : Object.fromEntries(names.map((name, index) => [name, values[index]]));
  });
  return { ...result, rows: rows as Row[] }; // The caller names the columns of its own statement.
}

function parserOf(type: number, { parsers }: QueryOptions): Parser | undefined {
  const own = parsers?.[type];
  if (own !== undefined) return (text) => own(text) as unknown;
  return type === types.JSON || type === types.JSONB ? (text) => JSON.parse(text) as unknown : undefined;
}
