import { createHash } from 'node:crypto';
import type { Json } from '../language/json.ts';
import type { Installation } from './installation.ts';
import { messageSeal, messageSealFits } from './message-seal.ts';

/** An operator's command as the server sends it to a run, and as the worker gets it from there. */
export interface SealedCommand {
  workflowId: string;
  /** The name of the update. */
  verb: string;
  step: string | null;
  /** The update's. */
  id: string;
  /** Of the result or the input that it gives. See {@link valueDigest}. */
  digest: string | null;
  by: string | null;
  reason: string | null;
  via: string;
  address: string | null;
}

const kind = 'command';

export function commandSeal(installation: Pick<Installation, 'sealKey'>, command: SealedCommand): string {
  return messageSeal(installation, kind, fieldsOf(command));
}

export function commandSealFits(
  installation: Pick<Installation, 'sealKey'>,
  command: SealedCommand,
  seal: string,
): boolean {
  return messageSealFits(installation, kind, fieldsOf(command), seal);
}

/** SHA-256 (hex) of a value's JSON. */
export function valueDigest(value: Json): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}

function fieldsOf({ workflowId, verb, step, id, digest, by, reason, via, address }: SealedCommand) {
  return [workflowId, verb, step, id, digest, by, reason, via, address];
}
