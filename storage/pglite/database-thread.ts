import { Worker } from 'node:worker_threads';
import { KaitError } from '../../errors.ts';
import { packagePath } from '../../package-path.ts';
import { transactionOf } from './request-queue.ts';
import { errorOf, type ThreadReply, type ThreadRequest, type ThreadResult } from './thread-messages.ts';

/** The thread that runs `pglite-thread.ts`, as the thread that asks it sees it. */
export interface DatabaseThread {
  /** Sends a request and returns its number. `reply` rejects with what PGlite has thrown, or with the reason why there will be no reply. */
  ask: (request: RequestBody, bytes?: Bytes) => { id: number; reply: Promise<ThreadResult | null> };
  /** Waits for what was asked before, with all of its transactions, and for the thread's end. Later requests are rejected. */
  close: () => Promise<void>;
  /** Rejects with `KAIT_DATABASE_STOPPED` if the thread ends before it is closed. */
  failed: Promise<never>;
}

type RequestBody = ThreadRequest extends infer Each ? (Each extends unknown ? Omit<Each, 'id'> : never) : never;

/** `transferred` is handed over to the thread. `params` are the statement's, for an error to show. */
export interface Bytes {
  transferred: ArrayBuffer[];
  params: unknown[];
}

interface Waiting {
  resolve: (result: ThreadResult | null) => void;
  reject: (error: Error) => void;
  params: unknown[] | undefined;
}

/** Compiled, so that the thread starts in the same way and as fast if the rest runs from its source. */
const threadProgram = packagePath('dist', 'storage', 'pglite', 'pglite-thread.js');

/** For what a statement leaves behind at once. Node's 48 would be kept for good. */
const maxYoungGenerationSizeMb = 8;

/** If the thread ends by itself, all that waits for it rejects, and so does all that is asked later. */
export function startDatabaseThread(program: string | URL = threadProgram): DatabaseThread {
  const thread = new Worker(program, { execArgv: [], name: 'PGlite', resourceLimits: { maxYoungGenerationSizeMb } });
  const waiting = new Map<number, Waiting>();
  let lastId = 0;
  let closing: Promise<void> | null = null;
  let stopped: Error | null = null;
  let fail: (error: Error) => void = () => undefined;
  const failed = new Promise<never>((_resolve, reject) => (fail = reject));
  failed.catch(() => undefined); // Whoever waits for a reply learns of it, too.
  const ended = new Promise<void>((resolve) => thread.once('exit', () => resolve()));

  function stop(cause: Error): void {
    if (stopped !== null) return;
    stopped = new KaitError('KAIT_DATABASE_STOPPED', stoppedMessage(cause), { cause });
    for (const { reject } of waiting.values()) reject(stopped);
    waiting.clear();
    fail(stopped);
  }

  thread.on('message', (reply: ThreadReply) => {
    const { resolve, reject, params } = waiting.get(reply.id) ?? {};
    waiting.delete(reply.id);
    if ('thrown' in reply) reject?.(errorOf(reply.thrown, params));
    else resolve?.(reply.result);
  });
  thread.on('messageerror', stop);
  thread.on('error', stop);
  thread.on('exit', (code) => {
    if (closing === null || waiting.size > 0) stop(new Error(`its thread ended with code ${code}`));
  });

  function send(request: RequestBody, bytes?: Bytes) {
    const id = ++lastId;
    const reply = new Promise<ThreadResult | null>((resolve, reject) => {
      if (stopped !== null) throw stopped;
      thread.postMessage({ ...request, id }, bytes?.transferred);
      waiting.set(id, { resolve, reject, params: bytes?.params });
    });
    return { id, reply };
  }

  async function closeNow(): Promise<void> {
    if (stopped === null) await send({ kind: 'close' }).reply;
    await ended;
  }

  return {
    failed,
    ask(request, bytes) {
      // A transaction under way goes on, or the thread would wait for its end forever.
      if (closing !== null && transactionOf(request) === null)
        return { id: 0, reply: Promise.reject(new Error('PGlite is closed')) };
      return send(request, bytes);
    },
    close: () => (closing ??= closeNow()),
  };
}

function stoppedMessage(cause: Error): string {
  return `The embedded database has stopped: ${cause.message}. Every acknowledged webhook is stored. Start Kait again. If this happens more than once, see "The embedded server and power loss" in docs/OPERATIONS.md.`;
}
