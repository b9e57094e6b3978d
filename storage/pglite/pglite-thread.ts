import { parentPort } from 'node:worker_threads';
import { type PGlite, type Transaction, types } from '@electric-sql/pglite';
import { createPGlite } from './create-pglite.ts';
import {
  type Statement,
  type ThreadReply,
  type ThreadRequest,
  type ThreadResult,
  thrownOf,
} from './thread-messages.ts';

/* The program of the thread that runs PGlite: see `pglite-in-thread.ts`. */

interface OpenTransaction {
  statements: Transaction;
  /** Resolves when it has ended so. */
  end(commit: boolean): Promise<void>;
}

let opened: PGlite | null = null;
const transactions = new Map<number, OpenTransaction>();
const rolledBack = new Error('Rolled back as asked');
const asText = (text: string) => text;

parentPort?.on('message', (request: ThreadRequest) => void answer(request));

async function answer(request: ThreadRequest): Promise<void> {
  const { id } = request;
  try {
    const result = await perform(request);
    reply({ id, result }, result === null ? [] : buffersOf(result));
  } catch (error) {
    reply({ id, thrown: thrownOf(error) });
  }
  if (request.kind === 'close') process.exit(); // Ends this thread only.
}

function reply(message: ThreadReply, transferred: ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, transferred);
}

async function perform(request: ThreadRequest): Promise<ThreadResult | null> {
  switch (request.kind) {
    case 'open':
      opened = withJsonAsText(await createPGlite({ folder: request.folder }));
      return null;
    case 'query':
      return query(request);
    case 'begin':
      return begin(request.id);
    case 'end':
      await transactionOf(request.transaction).end(request.commit);
      return null;
    case 'close':
      await opened?.close();
      return null;
  }
}

function client(): PGlite {
  if (opened === null) throw new Error('PGlite is closed');
  return opened;
}

/** The main thread parses JSON itself, which is faster than to receive the objects. */
function withJsonAsText(pglite: PGlite): PGlite {
  const { JSON: json, JSONB: jsonb, arrayParser } = types;
  const [jsonArray, jsonbArray] = [199, 3807];
  for (const each of [json, jsonb]) pglite.parsers[each] = asText;
  for (const each of [jsonArray, jsonbArray]) {
    pglite.parsers[each] = (text) => arrayParser(text, (element) => JSON.parse(element) as unknown, each) as unknown;
  }
  return pglite;
}

function query({ sql, values, texts, transaction }: Statement): Promise<ThreadResult> {
  const options = {
    rowMode: 'array' as const,
    ...(texts && { parsers: Object.fromEntries(texts.map((type) => [type, asText])) }),
  };
  const target = transaction === null ? client() : transactionOf(transaction).statements;
  return target.query<unknown[]>(sql, [...values], options);
}

function begin(id: number): Promise<null> {
  return new Promise((begun, failed) => {
    const done = client().transaction(
      (statements) =>
        new Promise<void>((commit, rollback) => {
          transactions.set(id, {
            statements,
            end(isCommit) {
              transactions.delete(id);
              if (isCommit) commit();
              else rollback(rolledBack);
              return done.catch(requireAsked);
            },
          });
          begun(null);
        }),
    );
    done.catch(failed);
  });
}

function requireAsked(error: unknown): void {
  if (error !== rolledBack) throw error;
}

function transactionOf(id: number): OpenTransaction {
  const transaction = transactions.get(id);
  if (transaction === undefined) throw new Error('Transaction is closed');
  return transaction;
}

/** Bytes are handed over, not copied. */
function buffersOf({ rows }: ThreadResult): ArrayBuffer[] {
  return rows
    .flatMap((row) => row.filter((value) => value instanceof Uint8Array))
    .map(({ buffer }) => buffer as ArrayBuffer); // Of `create-pglite.ts`.
}
