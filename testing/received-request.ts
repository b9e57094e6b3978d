/** A request of an activity, as a receiver gets it. */
export interface ReceivedRequest {
  method: string;
  /** The whole URL. */
  url: string;
  /** Lower-case names. */
  headers: Readonly<Record<string, string>>;
  /** As text; empty if there is none. */
  body: string;
  /** The `Idempotency-Key`. */
  key: string;
}

/** What a receiver answers: status 200 unless it says otherwise. A `body` that is no text is sent as JSON. */
export interface ReceiverAnswer {
  status?: number;
  headers?: Record<string, string>;
  body?: unknown;
}

/** By origin, such as `https://crm.example`. */
export type Receivers = Readonly<Record<string, (request: ReceivedRequest) => ReceiverAnswer>>;
