import type { Readable } from 'node:stream';
import { type Dispatcher, request } from 'undici';
import { isHeaderName, isHeaderOfConnection, isHeaderValue } from '../header-names.ts';
import { AddressRefusedError } from './address-guard.ts';
import { type ConnectionTimings, type ConnectionTrace, createConnectionTrace, msSince } from './connection-trace.ts';
import { networkErrorCode } from './network-error-code.ts';
import { ProxyFailedError } from './proxy.ts';

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
  /** Nothing was sent, and nothing will be: the address is not allowed, or a header cannot be sent. */
  | { kind: 'refused'; reason: string };

/** How long a request took, in ms. Parts that did not happen are absent. */
export interface RequestTimings extends ConnectionTimings {
  /** Set if the connection was open already, so that it took no time. */
  reused?: true;
  /** From the start to the status and the headers of the answer. */
  firstByteMs?: number;
  /** From the start to the last byte that was read. */
  totalMs: number;
}

/** Interim answers (RFC 9110, section 15.2) before the real one. Servers send one or two. */
const maxInterimAnswers = 16;

/**
 * Sends one request and follows no redirects. Never rejects because of the network or the server. `reason` contains only error
 * codes, since messages of the HTTP client may repeat a header's value. `dispatcher` is the guarded agent.
 */
export async function sendRequest(
  dispatcher: Dispatcher,
  outgoing: OutgoingRequest,
): Promise<SentRequest & { timings: RequestTimings }> {
  const start = performance.now();
  const trace = createConnectionTrace();
  let firstByteMs: number | undefined;
  const sent = await exchange(dispatcher, outgoing, { trace, answered: () => (firstByteMs = msSince(start)) });
  return {
    ...sent,
    timings: {
      ...(trace.reused === true ? { reused: true as const } : trace.link?.timings),
      ...(firstByteMs !== undefined && { firstByteMs }),
      totalMs: msSince(start),
    },
  };
}

async function exchange(
  dispatcher: Dispatcher,
  outgoing: OutgoingRequest,
  { trace, answered }: { trace: ConnectionTrace; answered: () => void },
): Promise<SentRequest> {
  const unsendable = headerProblem(outgoing.headers);
  if (unsendable !== undefined) return { kind: 'refused', reason: unsendable };
  const abort = new AbortController();
  const cancel = () => abort.abort();
  if (outgoing.canceled?.aborted === true) cancel();
  outgoing.canceled?.addEventListener('abort', cancel, { once: true });
  const deadline = setTimeout(() => abort.abort(), outgoing.timeoutMs);
  let interim = 0;
  try {
    const { url, method, headers, body } = outgoing;
    const answer = await request(url, {
      ...{ dispatcher, method, headers, body, signal: abort.signal, opaque: trace },
      onInfo: () => {
        interim += 1;
        if (interim > maxInterimAnswers) abort.abort();
      },
    });
    answered();
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
    if (interim > maxInterimAnswers) return { kind: 'unanswered', reason: 'no answer (too many interim answers)' };
    if (abort.signal.aborted) {
      return { kind: 'unanswered', reason: `no answer within ${outgoing.timeoutMs} ms`, timedOut: true };
    }
    if (error instanceof ProxyFailedError) {
      return { kind: 'unanswered', reason: `no answer: ${error.message}`, unsent: true };
    }
    const code = networkErrorCode(error);
    const unsent = codesWithoutConnection.has(code);
    return { kind: 'unanswered', reason: `no answer (${code})`, ...(unsent && { unsent }) };
  } finally {
    clearTimeout(deadline);
    outgoing.canceled?.removeEventListener('abort', cancel);
  }
}

/** A line break in a header would begin another one. The value may be a secret, so the reason does not repeat it. */
function headerProblem(headers: Record<string, string>): string | undefined {
  for (const [name, value] of Object.entries(headers)) {
    if (!isHeaderName(name)) return `a header cannot have the name ${JSON.stringify(name)}`;
    if (isHeaderOfConnection(name)) return `the header ${name} cannot be set`;
    if (!isHeaderValue(value)) return `the value of the header ${name} contains characters that a header cannot have`;
  }
  return undefined;
}

/** Errors of the name's resolution, the connection and its TLS handshake: no byte of the request was sent. */
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
