/** A process that the killer may end at any moment and start again. */
export interface Victim {
  name: string;
  /** Resolves when the process runs, which may be before it is of use. */
  start(): Promise<void>;
  /** Resolves when the last start has come to its end; rejects where the process ended instead, or took too long. */
  untilReady(): Promise<void>;
  /** `kill -9`. Resolves when the process is gone; does nothing where it is gone already. */
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
