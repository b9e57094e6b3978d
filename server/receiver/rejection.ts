/** Why the receiver itself rejects a request. Verification has reasons of its own (`gateway/schemes/scheme.ts`). */
export type EdgeReason = keyof typeof edgeRejections;

/** Why a request is rejected, and the answer to it. */
export interface Rejection {
  status: number;
  /** Stable: it labels metrics and counts. */
  reason: string;
  /** How long the sender should wait before it sends again. Undefined if waiting does not help. */
  retryAfterSeconds?: number;
  headers?: Record<string, string>;
  /** The rest of the request cannot be read, so the answer need not wait for it. */
  restIsLost?: true;
  /** The ids that the request says it is about. Only computed if the request is sampled. Nobody has verified them. */
  claims?: () => readonly string[];
  /** Replaces the usual JSON, for gateways that expect something else. */
  body?: { text: string; contentType: string };
}

/** What the sender reads. Nothing in it depends on the request. */
interface Answer {
  status: number;
  message: string;
  /** The reason given to the sender if the true one would tell a stranger something. */
  shownAs?: string;
}

/** The answer for each reason except those of verification. Status 0: the connection is closed without an answer. */
export const edgeRejections = {
  'not-found': { status: 404, message: 'Send webhooks to POST /in/<source>.' },
  'unknown-source': { status: 404, message: 'No source is mounted at this address.' },
  'wrong-path-secret': { status: 404, message: 'No source is mounted at this address.', shownAs: 'unknown-source' },
  method: { status: 405, message: 'Send webhooks with POST.' },
  address: { status: 403, message: 'This source does not accept requests from your address.' },
  'address-rate-limited': { status: 429, message: 'Too many requests from your address.', shownAs: 'rate-limited' },
  'rate-limited': { status: 429, message: 'Too many requests for this source.' },
  'too-many-headers': { status: 431, message: 'The request has too many headers.' },
  'headers-too-large': { status: 431, message: 'The headers are too large.' },
  'body-too-large': { status: 413, message: 'The body is too large.' },
  'content-type': { status: 415, message: 'Webhooks are JSON, XML, URL-encoded forms or plain text.' },
  'content-encoding': { status: 415, message: 'The body must not be compressed.' },
  expectation: { status: 417, message: 'The only supported expectation is 100-continue.' },
  'request-timeout': { status: 408, message: 'The request did not arrive in time.' },
  aborted: { status: 400, message: 'The client disconnected mid-request.' },
  malformed: { status: 400, message: 'The request is malformed.' },
  'too-many-connections': { status: 0, message: '' },
  'overloaded-queue': overloaded(),
  'overloaded-bodies': overloaded(),
  'overloaded-backlog': overloaded(),
  'overloaded-disk': overloaded(),
  'source-unavailable': { status: 503, message: 'This source is not available. Send the webhook again later.' },
  'not-storable': {
    status: 422,
    message: 'The webhook has a value that cannot be stored. Sending it again does not help.',
  },
  'not-stored': { status: 503, message: 'The webhook could not be stored. Send it again later.' },
} as const satisfies Record<string, Answer>;

/** `soon`: when a peak is over. `later`: when somebody or something has made room. */
export const retryAfterSeconds = { soon: 5, later: 60 };

/** The rejection for a reason of the table. */
export function rejectionOf(
  reason: EdgeReason,
  more: Pick<Rejection, 'retryAfterSeconds' | 'headers'> = {},
): Rejection {
  return { status: edgeRejections[reason].status, reason, ...more };
}

/** The body of the answer. A reason of verification gets no explanation. */
export function problemOf(reason: string): { error: { code: string; message: string } } {
  const answer: Answer | undefined = isEdgeReason(reason) ? edgeRejections[reason] : undefined;
  return {
    error: { code: answer?.shownAs ?? reason, message: answer?.message ?? 'The request was not accepted.' },
  };
}

/** Thrown while a request is read and stored; it is answered with `rejection`. */
export class RejectedError extends Error {
  readonly rejection: Rejection;

  constructor(rejection: Rejection, cause?: unknown) {
    super(`refused: ${rejection.reason}`, { cause });
    this.name = 'RejectedError';
    this.rejection = rejection;
  }
}

function isEdgeReason(reason: string): reason is EdgeReason {
  return Object.hasOwn(edgeRejections, reason);
}

function overloaded(): Answer & { status: 503 } {
  return {
    status: 503,
    message: 'Kait is overloaded. Send the webhook again later.',
    shownAs: 'overloaded',
  };
}
