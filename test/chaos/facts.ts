import type { DeliveryState, EventState } from '../../storage/schema.ts';
import type { UnaskedExit } from './system.ts';

/** Everything that is known after the run, from both ends and from Kait's own records. Instants are Unix ms. */
export interface Facts {
  sent: SentEvent[];
  /** Answers that a gateway should not get: `evt_1: 400 …`. */
  refusals: string[];
  kills: Kill[];
  unaskedExits: UnaskedExit[];
  inbox: { eventId: string; state: EventState; claimed: boolean }[];
  /** Kait's record of the runs it has started. */
  runs: { workflowId: string; eventId: string }[];
  /** Temporal's own: one entry for each execution, so that a second one of the same id shows. */
  executions: { workflowId: string; status: string }[];
  /** Deliveries that Temporal still works on. */
  openActivities: string[];
  orders: { id: string; reference: string; amountMinor: number }[];
  cashback: { orderId: string; amountMinor: number }[];
  mails: { recipient: string; state: 'sending' | 'sent' | 'refused'; claimed: boolean }[];
  arrivedMails: ArrivedMail[];
  /** `recordedSuccesses`: attempts on record that the receiver had accepted. */
  deliveries: { webhookId: string; reference: string; state: DeliveryState; recordedSuccesses: number }[];
  arrivedWebhooks: ArrivedWebhook[];
}

/** An event that the sender made up; what follows from it is recognised by `reference` and `recipient`. */
export interface SentEvent {
  id: string;
  reference: string;
  recipient: string;
  amountMinor: number;
  acknowledged: boolean;
}

export interface Kill {
  victim: string;
  atMs: number;
}

/** A mail that the SMTP receiver has accepted. */
export interface ArrivedMail {
  messageId: string;
  recipient: string;
  atMs: number;
}

/** An outbound webhook that the HTTP receiver has accepted. */
export interface ArrivedWebhook {
  webhookId: string;
  reference: string;
  /** What the official `standardwebhooks` package says of its signature. */
  verified: boolean;
  atMs: number;
}
