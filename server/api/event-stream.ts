import { once } from 'node:events';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** A stream of server-sent events to one reader. */
export interface EventStream {
  /** Resolves once the reader has room for more; false if it takes no more, is too slow, or may not read any more. */
  send(event: { id: string; event: string; data: unknown }): Promise<boolean>;
  /** Aborted when the reader is gone or the server stops. */
  signal: AbortSignal;
  end(): void;
}

/** A reader that takes nothing for so long is cut off. */
const slowest = 30_000;
/** How often the reader's key is checked again. */
const recheckMs = 5_000;

/** Begins the answer. It passes through proxies that would otherwise collect it. */
export function openEventStream(
  request: FastifyRequest,
  reply: FastifyReply,
  stopping: AbortSignal,
  slowestMs = slowest,
): EventStream {
  const { raw } = reply;
  const gone = new AbortController();
  raw.on('close', () => gone.abort());
  raw.on('error', () => gone.abort());
  const signal = AbortSignal.any([gone.signal, stopping]);
  reply.hijack();
  raw.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store, no-transform',
    'x-accel-buffering': 'no',
    connection: 'close', // Else the server would wait for it when it stops.
  });
  raw.write('retry: 1000\n\n');
  let checkedAt = performance.now();
  return {
    signal,
    async send({ id, event, data }) {
      if (signal.aborted) return false;
      if (performance.now() - checkedAt > recheckMs) {
        checkedAt = performance.now();
        if (!(await request.isStillAllowed())) return false;
      }
      if (raw.write(`id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`)) return true;
      const waiting = AbortSignal.any([signal, AbortSignal.timeout(slowestMs)]);
      const hasRoom = await once(raw, 'drain', { signal: waiting }).then(
        () => true,
        () => false,
      );
      if (!hasRoom) raw.destroy();
      return hasRoom;
    },
    end: () => void raw.end(),
  };
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Whether the key with which this was asked for may still do so: it may have been revoked since. */
    isStillAllowed: () => Promise<boolean>;
  }
}
