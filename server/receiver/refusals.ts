/** Why the receiver itself turns a request away, beside the reasons of verification (`gateway/schemes/scheme.ts`). */
export type EdgeReason = keyof typeof edgeRefusals;

/** A request that is not accepted, and what is answered. */
export interface Refusal {
  status: number;
  /** Stable: it labels metrics and is counted. */
  reason: string;
  /** For how long the sender should wait before it sends again, in seconds. Undefined: there is no point in it, or any time. */
  retryAfterSeconds?: number;
  headers?: Record<string, string>;
  /** The rest of the request cannot be read any more, so that nobody needs to wait for it. */
  restIsLost?: true;
  /** In place of the usual JSON, for gateways that want something else. */
  body?: { text: string; contentType: string };
}

/** What the sender reads beside the reason. Nothing in it depends on the request. */
interface Answer {
  status: number;
  message: string;
  /** The reason that the sender is given, where the true one would tell a stranger something. */
  shownAs?: string;
}

/** The statuses and words of all refusals but those of verification. A status of 0: the connection is closed unanswered. */
export const edgeRefusals = {
  'not-found': { status: 404, message: 'Webhooks are received at POST /in/<source>.' },
  'unknown-source': { status: 404, message: 'No source is mounted at this address.' },
  'wrong-path-secret': { status: 404, message: 'No source is mounted at this address.', shownAs: 'unknown-source' },
  method: { status: 405, message: 'Webhooks are received by POST.' },
  address: { status: 403, message: 'This source does not take requests from your address.' },
  'address-rate-limited': { status: 429, message: 'Too many requests from your address.', shownAs: 'rate-limited' },
  'rate-limited': { status: 429, message: 'Too many requests for this source.' },
  'too-many-headers': { status: 431, message: 'The request has too many headers.' },
  'headers-too-large': { status: 431, message: 'The headers are too large.' },
  'body-too-large': { status: 413, message: 'The body is too large.' },
  'content-type': { status: 415, message: 'No webhook has a body of this type.' },
  'content-encoding': { status: 415, message: 'The body must not be compressed.' },
  expectation: { status: 417, message: 'Only 100-continue can be expected.' },
  'request-timeout': { status: 408, message: 'The request did not arrive in time.' },
  aborted: { status: 400, message: 'The request ended before its end.' },
  malformed: { status: 400, message: 'The request is malformed.' },
  'too-many-connections': { status: 0, message: '' },
  'shed-queue': overloaded(),
  'shed-bodies': overloaded(),
  'shed-backlog': overloaded(),
  'shed-disk': overloaded(),
  'not-stored': { status: 503, message: 'The webhook could not be stored. Send it again later.' },
} as const satisfies Record<string, Answer>;

/** How long a sender is told to wait: until a peak is over, until somebody or something has made room. */
export const retryAfterSeconds = { soon: 5, later: 60 };

/** A refusal of the table. */
export function refusal(reason: EdgeReason, more: Pick<Refusal, 'retryAfterSeconds' | 'headers'> = {}): Refusal {
  return { status: edgeRefusals[reason].status, reason, ...more };
}

/** The body of the answer. Reasons that are not in the table are those of verification, which say no more than that. */
export function problemOf(reason: string): { error: { code: string; message: string } } {
  const answer: Answer | undefined = isEdgeReason(reason) ? edgeRefusals[reason] : undefined;
  return {
    error: { code: answer?.shownAs ?? reason, message: answer?.message ?? 'The request was not accepted.' },
  };
}

/** Thrown by what reads and stores a request; ends as the answer that `refusal` says. */
export class RefusedError extends Error {
  readonly refusal: Refusal;

  constructor(refusal: Refusal, cause?: unknown) {
    super(`refused: ${refusal.reason}`, { cause });
    this.name = 'RefusedError';
    this.refusal = refusal;
  }
}

function isEdgeReason(reason: string): reason is EdgeReason {
  return Object.hasOwn(edgeRefusals, reason);
}

function overloaded(): Answer & { status: 503 } {
  return {
    status: 503,
    message: 'There is no room for more at the moment. Send it again later.',
    shownAs: 'overloaded',
  };
}
