/**
 * Asks gateways, by what their presets declare. `server/gateway/ask` implements it and the entry point hands it in, so that
 * activities know nothing of presets. What a gateway does or fails to do is an answer; only the database makes it reject.
 */
export interface GatewayClient {
  /** Whether the gateway says the same as the stored event. */
  confirm(asked: AskedEvent): Promise<Confirmation | Unanswered>;
  /** Gets what a stored notice is about, and stores the events in it. Repeating it stores nothing twice. */
  fetch(asked: AskedEvent): Promise<Fetched | Unanswered>;
  /** Lists what the gateway has to tell, and stores the events that are missing. Repeating it stores nothing twice. */
  reconcile(asked: { source: string; signal: AbortSignal }): Promise<Reconciled | Unanswered>;
}

export interface AskedEvent {
  source: string;
  eventId: string;
  /** Ends a request that is under way. */
  signal: AbortSignal;
}

export type Confirmation =
  /** The compared values by name: `{ transaction_status: 'settlement' }`. */
  | { kind: 'confirmed'; state: Record<string, string> }
  | { kind: 'differs'; differences: Difference[]; receivedAt: Date }
  /** The event lacks what the question needs, or the preset has none about such an event. `reason` as in {@link Unanswered}. */
  | { kind: 'impossible'; reason: string };

/** Null: there is no such text. Texts have at most 64 characters, none of them a control character. */
export interface Difference {
  name: string;
  claimed: string | null;
  confirmed: string | null;
}

export type Fetched =
  | { kind: 'fetched'; stored: number; known: number }
  /** The gateway knows nothing of it: a made-up notice, or something that was deleted. */
  | { kind: 'absent' };

export interface Reconciled {
  kind: 'reconciled';
  /** Requests that the gateway has answered. */
  asked: number;
  /** Events in the answers. */
  found: number;
  /** Of those, the ones that the inbox did not know. */
  missing: number;
  /** Of those, the ones that it took; a webhook may have been faster. */
  stored: number;
}

/** `reason` is for people: it names the request by its template, and holds neither keys nor what was sent or answered. */
export type Unanswered =
  /** Later it may go better; `retryAfter` is the header of that name. */
  | { kind: 'unavailable'; reason: string; retryAfter: string | null }
  /** Asking again changes nothing. */
  | { kind: 'refused'; reason: string }
  /** The event is not in the inbox, or its body is no longer kept. */
  | { kind: 'event-unknown'; reason: string };
