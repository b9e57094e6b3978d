import type { Readable } from 'node:stream';
import { type Dispatcher, request } from 'undici';
import { AddressRefusedError } from './address-guard.ts';

export interface OutgoingRequest {
  url: string;
  method: Dispatcher.HttpMethod;
  headers: Record<string, string>;
  body: string | Uint8Array | null;
  /** From resolving the name to reading the last byte. */
  timeoutMs: number;
  /** How much of the answer's body is read. The rest is discarded unread. */
  maxBodyBytes: number;
  /** How long to wait for the body after the status. Default: the rest of `timeoutMs`. */
  bodyTimeoutMs?: number;
  /** Ends the request early; it then counts as unanswered. */
  canceled?: AbortSignal;
}

export type SentRequest =
  | {
      kind: 'answered';
      status: number;
      /** Lower-case names. A repeated header has its first value. */
      headers: Record<string, string | undefined>;
      body: Buffer;
      /** Whether `body` is complete: not cut off by size, time or a broken connection. */
      bodyComplete: boolean;
      /** Set if the time was up before the body was complete. */
      bodyTimedOut?: true;
    }
  | {
      kind: 'unanswered';
      reason: string;
      /** Set if the time was up. */
      timedOut?: true;
      /** Set if the receiver certainly got nothing: there was no connection. */
      unsent?: true;
    }
  | { kind: 'refused'; reason: string };

/**
 * Sends one request and follows no redirects. Never rejects because of the network or the server. `reason` contains only error
 * codes, since messages of the HTTP client may repeat a header's value. `dispatcher` is the guarded agent.
 */
export async function sendRequest(dispatcher: Dispatcher, outgoing: OutgoingRequest): Promise<SentRequest> {
  const abort = new AbortController();
  const cancel = () => abort.abort();
  if (outgoing.canceled?.aborted === true) cancel();
  outgoing.canceled?.addEventListener('abort', cancel, { once: true });
  const deadline = setTimeout(() => abort.abort(), outgoing.timeoutMs);
  try {
    const { url, method, headers, body } = outgoing;
    const answer = await request(url, { dispatcher, method, headers, body, signal: abort.signal });
    const read = await readBody(answer.body, outgoing, abort);
    const late = !read.bodyComplete && abort.signal.aborted && outgoing.canceled?.aborted !== true;
    return {
      kind: 'answered',
      status: answer.statusCode,
      headers: firstValues(answer.headers),
      ...read,
      ...(late && { bodyTimedOut: true }),
    };
  } catch (error) {
    if (error instanceof AddressRefusedError) return { kind: 'refused', reason: error.message };
    if (outgoing.canceled?.aborted === true) return { kind: 'unanswered', reason: 'canceled' };
    if (abort.signal.aborted) {
      return { kind: 'unanswered', reason: `no answer within ${outgoing.timeoutMs} ms`, timedOut: true };
    }
    const code = networkErrorCode(error);
    const unsent = codesWithoutConnection.has(code);
    return { kind: 'unanswered', reason: `no answer (${code})`, ...(unsent && { unsent }) };
  } finally {
    clearTimeout(deadline);
    outgoing.canceled?.removeEventListener('abort', cancel);
  }
}

/** Of the name's resolution, the connection and its TLS handshake: no byte of the request was sent. */
const codesWithoutConnection = new Set([
  ...['ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL', 'ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL'],
  ...['UND_ERR_CONNECT_TIMEOUT', 'ERR_TLS_CERT_ALTNAME_INVALID', 'CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID'],
  ...['DEPTH_ZERO_SELF_SIGNED_CERT', 'SELF_SIGNED_CERT_IN_CHAIN', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
  ...['UNABLE_TO_GET_ISSUER_CERT', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY'],
]);

async function readBody(
  stream: Readable,
  { maxBodyBytes, bodyTimeoutMs }: OutgoingRequest,
  abort: AbortController,
): Promise<{ body: Buffer; bodyComplete: boolean }> {
  const patience = bodyTimeoutMs === undefined ? undefined : setTimeout(() => abort.abort(), bodyTimeoutMs);
  const chunks: Buffer[] = [];
  let size = 0;
  let complete = true;
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      size += chunk.length;
      if (size > maxBodyBytes) break; // Leaving the loop closes the connection.
    }
  } catch {
    complete = false; // The status has arrived and still counts.
  } finally {
    clearTimeout(patience);
  }
  return { body: Buffer.concat(chunks).subarray(0, maxBodyBytes), bodyComplete: complete && size <= maxBodyBytes };
}

function firstValues(headers: Record<string, string | string[] | undefined>): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value[0] : value]),
  );
}

/** `ECONNREFUSED`, `ENOTFOUND`, `UND_ERR_SOCKET`, `CERT_HAS_EXPIRED`. */
function networkErrorCode(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  return error instanceof Error ? error.name : 'unknown';
}
