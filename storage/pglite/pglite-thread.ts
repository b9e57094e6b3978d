import { setFlagsFromString } from 'node:v8';
import { parentPort, receiveMessageOnPort } from 'node:worker_threads';
import { type PGlite, type Transaction, types } from '@electric-sql/pglite';
import { createPGlite } from './create-pglite.ts';
import { createRequestQueue } from './request-queue.ts';
import {
  type Statement,
  type ThreadReply,
  type ThreadRequest,
  type ThreadResult,
  thrownOf,
} from './thread-messages.ts';

/* The program of the thread that runs PGlite: see `pglite-in-thread.ts`. */

interface OpenTransaction {
  id: number;
  statements: Transaction;
  /** Resolves when it has ended so. */
  end(commit: boolean): Promise<void>;
}

let opened: PGlite | null = null;
let open: OpenTransaction | null = null;
const rolledBack = new Error('Rolled back as asked');
const asText = (text: string) => text;

// Each of V8's threads that compile PGlite keeps the memory that it took for that, some 20 MB. One is as fast.
setFlagsFromString('--wasm-num-compilation-tasks=1');

const queue = createRequestQueue();
let isAnswering = false;

parentPort?.on('message', (request: ThreadRequest) => {
  queue.add(request);
  void answerAll();
});

async function answerAll(): Promise<void> {
  if (isAnswering) return;
  isAnswering = true;
  for (let request = queue.next(open?.id ?? null); request !== undefined; request = queue.next(open?.id ?? null)) {
    await answer(request);
    addArrived();
  }
  isAnswering = false;
}

/** What has arrived during a statement, so that it takes its turn before those that wait. */
function addArrived(): void {
  if (parentPort === null) return;
  for (let each = receiveMessageOnPort(parentPort); each !== undefined; each = receiveMessageOnPort(parentPort)) {
    queue.add(each.message as ThreadRequest);
  }
}

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
          open = {
            id,
            statements,
            end(isCommit) {
              open = null;
              if (isCommit) commit();
              else rollback(rolledBack);
              return done.catch(requireAsked);
            },
          };
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
  if (open?.id !== id) throw new Error('Transaction is closed');
  return open;
}

/** Bytes are handed over, not copied. */
function buffersOf({ rows }: ThreadResult): ArrayBuffer[] {
  return rows
    .flatMap((row) => row.filter((value) => value instanceof Uint8Array))
    .map(({ buffer }) => buffer as ArrayBuffer); // Of `create-pglite.ts`.
}
