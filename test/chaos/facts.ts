import type { DeliveryState, EventState } from '../../storage/schema.ts';
import type { UnaskedExit } from './system.ts';

/** Everything that is known after the run, from both ends and from Kait's own records. Instants are Unix ms. */
export interface Facts {
  sent: SentEvent[];
  /** Answers that a gateway should not get: `evt_1: 400 …`. */
  refusals: string[];
  kills: Kill[];
  unaskedExits: UnaskedExit[];
  /** In the order of arrival. `reason`: why it failed, or null. */
  inbox: { eventId: string; state: EventState; claimed: boolean; reason: string | null }[];
  /** Kait's record of the runs it has started. */
  runs: { workflowId: string; eventId: string; definitionHash: string }[];
  /** Temporal's own: one entry for each execution, so that a second one of the same id shows. A run that continues as new has several. */
  executions: { workflowId: string; status: string }[];
  /** Deliveries that Temporal still works on. */
  openActivities: string[];
  orders: { id: string; reference: string; amountMinor: number }[];
  cashback: { orderId: string; amountMinor: number }[];
  mails: { recipient: string; state: 'sending' | 'sent' | 'refused'; claimed: boolean }[];
  arrivedMails: ArrivedMail[];
  /** Kait's record of the answers of people. */
  approvals: { workflowId: string; person: string }[];
  /** `recordedSuccesses`: attempts on record that the receiver had accepted. */
  deliveries: { webhookId: string; reference: string; state: DeliveryState; recordedSuccesses: number }[];
  arrivedWebhooks: ArrivedWebhook[];
  /** What the operator has sent to runs, and what Kait has recorded of it. */
  commands: SentCommand[];
  audit: { target: string; action: string; reason: string }[];
  arrivedEffects: ArrivedEffect[];
}

/**
 * What an event makes Kait do. `order`: the shipped `payment-succeeded`. The others are for `definitions/workflows`: `poison` cannot be
 * started; the effect of `late` is never answered; `fails` fails after its effect; `holds` ends well; `parcels` has two children; `awaits` waits for
 * the three events of the kind `pays` that have its reference; `counts` has a key, and so has `stuck`, which never ends by itself; `asks` asks two people; `mends` parks, and
 * `rescued` fails, until an operator has done something about it; `moves` waits until an operator has had it take another definition.
 */
export type EventKind =
  | 'order'
  | 'poison'
  | 'late'
  | 'fails'
  | 'holds'
  | 'parcels'
  | 'awaits'
  | 'pays'
  | 'counts'
  | 'stuck'
  | 'asks'
  | 'mends'
  | 'rescued'
  | 'moves';

/** An event that the sender made up; what follows from it is recognised by `reference` and `recipient`. */
export interface SentEvent {
  id: string;
  kind: EventKind;
  reference: string;
  recipient: string;
  amountMinor: number;
  /** The key of `counts` and `stuck`. */
  shelf: string;
  acknowledged: boolean;
}

/** How an operator deals with a parked step. */
export type StepWay = 'retry' | 'skip' | 'setResult' | 'editInput';

/** A command to a run, however often it was sent. */
export interface SentCommand {
  /** For `retry-run`: the id of the new run. */
  workflowId: string;
  verb: StepWay | 'pause' | 'resume' | 'retry-run' | 'migrate';
  /** How often the answer was that it is carried out. */
  accepted: number;
  /** Whether it is known to be, although the answer may have been lost. */
  isDone: boolean;
  firstSentMs: number | null;
  acceptedMs: number | null;
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

/** A request of an `http` step. `requestKey` is its `Idempotency-Key`. */
export type ArrivedEffect = { requestKey: string; reference: string; atMs: number } & (
  | { kind: 'hold'; plan: string; parcel?: string | undefined }
  /** `key`: the `requestKey` of what it takes back. */
  | { kind: 'release'; key: string; inDoubt: boolean }
  | { kind: 'note'; what: string }
  | { kind: 'count'; shelf: string; what: 'begins' | 'ends' }
  /** `ok`: it was not refused. */
  | { kind: 'mend'; how: string; ok: boolean }
  | { kind: 'book' }
  /** `key`: the `requestKey` of what it takes back. */
  | { kind: 'unbook'; key: string }
);
