import type { DeliveryState } from '../../../storage/schema.ts';
import type { Kill } from '../facts.ts';
import type { UnaskedExit } from '../system.ts';

/** Everything that is known after the run, from both ends and from Kait's own records. Instants are Unix ms. */
export interface DeliveryFacts {
  /** The ids of the endpoints. */
  endpoints: string[];
  /** One for each run that was accepted. Each emits one webhook to every endpoint. */
  references: string[];
  kills: Kill[];
  /** When the database was away. */
  outages: { fromMs: number; toMs: number }[];
  unaskedExits: UnaskedExit[];
  deliveries: RecordedDelivery[];
  /** What the endpoints have accepted. */
  arrived: ArrivedDelivery[];
  /** Deliveries that Temporal still works on. */
  openActivities: string[];
}

export interface RecordedDelivery {
  endpoint: string;
  reference: string;
  webhookId: string;
  state: DeliveryState;
  /** Attempts on record that the receiver had accepted. */
  recordedSuccesses: number;
}

export interface ArrivedDelivery {
  endpoint: string;
  reference: string;
  webhookId: string;
  /** Whether the signature of Standard Webhooks was right. */
  verified: boolean;
  atMs: number;
}
