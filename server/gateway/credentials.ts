/** What a source has to verify with. */
export interface Credentials {
  /** Any of them may have signed: the old and the new one during a rotation, or those of several accounts. */
  secrets: readonly string[];
  /** Secrets by the ids that requests name them with, for gateways that do. */
  keyring: ReadonlyMap<string, string>;
  /** What the preset's `settings` ask for, such as the id of the webhook. */
  settings: Readonly<Record<string, string>>;
  /** Gets the text behind the address of a key. Rejects where it cannot be had. Undefined: keys are never fetched. */
  fetchKey?: ((url: string) => Promise<string>) | undefined;
}

/** Credentials of nothing but secrets. */
export function secretsOnly(...secrets: string[]): Credentials {
  return { secrets, keyring: new Map(), settings: {} };
}
