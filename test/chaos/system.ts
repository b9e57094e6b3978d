import type { ApiAccess } from '../../cli/api-client.ts';
import type { Database } from '../../storage/database.ts';

/** A process that the killer may end at any moment and start again. */
export interface Victim {
  name: string;
  /** Resolves when the process runs, possibly before it is ready. */
  start(): Promise<void>;
  /** Resolves when the last start has finished. Rejects if the process ended instead, or took too long. */
  untilReady(): Promise<void>;
  /** `kill -9`. Resolves when the process is gone, at once if it is gone already. */
  kill(): Promise<void>;
}

/** A process that ended although nobody killed it. In production something would start it again; here it is a finding. */
export interface UnaskedExit {
  victim: string;
  /** `code 1`, `SIGSEGV`. */
  how: string;
  /** Its last lines. */
  output: string;
}

/** A running Kait whose processes can be killed. */
export interface System {
  /** Where webhooks go. The same after each restart. */
  receiverUrl: string;
  admin: ApiAccess;
  victims: Victim[];
  unaskedExits: UnaskedExit[];
  temporalAddress(): string;
  /** Ends Kait as an operator would; afterwards its database may be read. */
  stopKait(): Promise<void>;
  openDatabase(): Promise<Database>;
  /** Ends every process that is left. The files stay. */
  stop(): Promise<void>;
}

export interface SystemOptions {
  /** An empty folder for files and logs. */
  folder: string;
  /** The Temporal CLI. */
  cliPath: string;
  smtpUrl: string;
  /** The folder of definitions. */
  definitions: string;
}

/** What the sender signs with. */
export const stripeSecret = 'whsec_of_the_crash_test';
/** For the source `reports`, which sends forms: user and password. */
export const reportsPassword = 'reports:of_the_crash_test';
/** For the source `shop`, which sends Standard Webhooks. */
export const shopSecret = 'whsec_b2YgdGhlIGNyYXNoIHRlc3Q=';
/** Begins the workflow ids. */
export const installation = 'kait-crash-test';
export const adminToken = 'admin-token-of-the-crash-test';

/**
 * The environment of every Kait process. The schedule's first pauses are short, so that what a kill interrupts is tried again within the test, and
 * its entries many, since an attempt that dies with its worker uses one up.
 */
export function kaitEnvironment({ smtpUrl, definitions }: SystemOptions, ports: { receiver: number; admin: number }) {
  return {
    PATH: process.env.PATH ?? '',
    HOME: process.env.HOME ?? '',
    KAIT_PORT: String(ports.receiver),
    KAIT_ADMIN_PORT: String(ports.admin),
    KAIT_DEFINITIONS: definitions,
    KAIT_INSTALLATION: installation,
    // Some events are that large.
    KAIT_BODY_LIMIT: '5MiB',
    KAIT_ADMIN_TOKEN: adminToken,
    KAIT_SECRETS_KEY: '5e'.repeat(32),
    STRIPE_WEBHOOK_SECRET: stripeSecret,
    SHOP_WEBHOOK_SECRET: shopSecret,
    REPORTS_PASSWORD: reportsPassword,
    SMTP_URL: smtpUrl,
    KAIT_OUTBOUND_ALLOW: '127.0.0.0/8',
    KAIT_OUTBOUND_SCHEDULE: '0s,500ms,1s,1s,2s,2s,5s,5s,5s,5s',
  };
}
