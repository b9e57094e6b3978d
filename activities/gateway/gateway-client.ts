/**
 * Asks gateways the questions that their presets declare. `server/gateway/ask` implements it and the entry point passes it in,
 * so that activities do not depend on presets. It rejects only if the database fails: a gateway's failure is an answer.
 */
export interface GatewayClient {
  /** Whether the gateway says the same as the stored event. */
  confirm(asked: AskedEvent): Promise<Confirmation | Unanswered>;
  /**
   * Asks what a stored notice is about and stores the answer as events; of a notice of a genuine event, the event with the answer
   * in it. Repeating it stores nothing twice.
   */
  fetch(asked: AskedEvent): Promise<Fetched | Unanswered>;
  /** Asks about one id and stores what is found. Repeating it stores nothing twice. */
  find(asked: SoughtId): Promise<FoundById | Unanswered>;
  /**
   * Records that nobody asks about a notice any more, and why, so that an operator sees it and can replay it. False if asking has to go on:
   * the notice is of a genuine event and the reason is not `certain`, or it is not recorded yet that it is asked about.
   */
  giveUp(notice: GivenUp): Promise<boolean>;
  /** Asks for the gateway's recent events and stores those that are missing. Repeating it stores nothing twice. */
  reconcile(asked: { source: string; signal: AbortSignal }): Promise<Reconciled | Unanswered>;
}

export interface AskedEvent {
  source: string;
  eventId: string;
  /** Aborts the request. */
  signal: AbortSignal;
}

export interface SoughtId {
  source: string;
  /** What the gateway or the shop calls the event, payment or order. Anything may be in it. */
  id: string;
  /** How far back the gateway's list is read, if it has only a list. */
  lookBackMs: number;
  /** Aborts the requests. */
  signal: AbortSignal;
}

export interface GivenUp {
  source: string;
  eventId: string;
  /** As in {@link Unanswered}. */
  reason: string;
  /** Whether asking again cannot help, as things are. */
  certain: boolean;
}

export type Confirmation =
  /** The compared values by name: `{ transaction_status: 'settlement' }`. */
  | { kind: 'confirmed'; state: Record<string, string> }
  | { kind: 'differs'; differences: Difference[]; receivedAt: Date }
  /** The event lacks a value that the question or a comparison needs, or the preset has no question for it. `reason` as in {@link Unanswered}. */
  | { kind: 'impossible'; reason: string };

/** A value that the event claims and the gateway does not confirm. Null if missing. At most 64 characters, no control characters. */
export interface Difference {
  name: string;
  claimed: string | null;
  confirmed: string | null;
}

export type Fetched =
  | { kind: 'fetched'; stored: number; known: number }
  /** The gateway does not know it: the notice was invented, or its subject was deleted. */
  | { kind: 'absent' }
  /** A genuine event was stored as it is. `reason` is why there is no answer; null if the gateway knows of nothing to add. */
  | { kind: 'incomplete'; stored: number; known: number; reason: string | null };

export type FoundById =
  /** `asked`: requests that the gateway has answered. `stored`: false if the inbox had the event. */
  | { kind: 'found'; asked: number; events: { eventId: string; type: string; stored: boolean }[] }
  /** The gateway says that there is nothing with this id, or its list has nothing of it within the look-back. */
  | { kind: 'absent'; asked: number }
  /** The preset has no question that takes an id, or none that takes one of this form. `reason` as in {@link Unanswered}. */
  | { kind: 'unaskable'; reason: string };

export interface Reconciled {
  kind: 'reconciled';
  /** Requests that the gateway has answered. */
  asked: number;
  /** Events in the answers. */
  found: number;
  /** How many of the found events the inbox did not have. */
  missing: number;
  /** How many of the missing events were stored; the webhook may have arrived in the meantime. */
  stored: number;
}

/** `reason` is for people. It names the request by its template, and contains no keys and no part of the request or answer. */
export type Unanswered =
  /** The gateway said nothing, or only an error. Asking again later may succeed. `retryAfter` is the Retry-After header. */
  | { kind: 'unavailable'; reason: string; retryAfter: string | null }
  /** Asking again would not help. */
  | { kind: 'refused'; reason: string }
  /** The event is not in the inbox, or its body is no longer kept. */
  | { kind: 'event-unknown'; reason: string };
