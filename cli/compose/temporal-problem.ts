import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { errorText } from '../../describe-error.ts';
import { isRunning } from '../../embedded/process-identity.ts';
import { readTemporalRecord } from '../../embedded/temporal-record.ts';
import { isLoopback } from '../../language/loopback.ts';
import { shortened } from '../../language/printable.ts';
import { withDeadline } from '../../storage/with-deadline.ts';

/** Where Temporal should be, and the data folder, whose embedded server may be meant. */
export interface TemporalPlace {
  /** `host:port`. */
  address: string;
  namespace: string;
  home: string;
}

/**
 * Says in a sentence why Temporal could not be asked. The libraries' own errors do not: a closed port, a web server and a misspelt host look alike
 * in them, and to a server that never answers they only say that time was up.
 */
export async function temporalProblem(error: unknown, place: TemporalPlace): Promise<string> {
  const { address, namespace } = place;
  const reason = errorText(error);
  if (isDenied(reason)) return `${address} refuses access. Check TEMPORAL_API_KEY or the certificate: ${short(reason)}`;
  if (/namespace/i.test(reason) && /not.?found/i.test(reason)) {
    return `There is no namespace "${namespace}" at ${address}. Create it, or correct TEMPORAL_NAMESPACE`;
  }
  const problem = await connectionProblem(address);
  if (problem === null) {
    return `Something listens at ${address}, but it does not answer as Temporal does. Check the port, and whether both ends use TLS: ${short(reason)}`;
  }
  const note = ownServerNote(place);
  return note === null ? problem : `${problem}. ${note}`;
}

/** Also says it if the service answers in the words of a proxy. */
export function isDenied(reason: string): boolean {
  return /refuses access|permission.?denied|unauthenticated|unauthorized|authentication failed|not authorized/i.test(
    reason,
  );
}

const short = (reason: string) => shortened(reason.split('\n', 1).join(), 160);

const connectMs = 2_000;

/** Null if a connection can be opened. */
async function connectionProblem(address: string): Promise<string | null> {
  const at = address.lastIndexOf(':');
  const [host, port] = [address.slice(0, at).replace(/^\[|\]$/g, ''), Number(address.slice(at + 1))];
  try {
    await withDeadline(lookup(host), connectMs, 'The name service');
  } catch {
    return `The host of ${address} is unknown`;
  }
  const socket = connect({ host, port });
  const timeout = new AbortController();
  try {
    const opened = once(socket, 'connect', { signal: timeout.signal }).then(() => 'opened');
    opened.catch(() => undefined);
    const first = await Promise.race([opened, pause(connectMs, 'late', { signal: timeout.signal })]);
    return first === 'opened' ? null : `Nothing answers at ${address}`;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    return code === 'ECONNREFUSED' ? `Nothing listens at ${address}` : `${address} cannot be reached (${code})`;
  } finally {
    timeout.abort();
    socket.destroy();
  }
}

/** Whoever copied the address of `kait up` into the environment has turned that server off by it. */
function ownServerNote({ address, home }: TemporalPlace): string | null {
  const record = readTemporalRecord(join(home, 'temporal.json'));
  const isOwn = record !== undefined && isLoopback(address) && address.endsWith(`:${record.port}`);
  if (!isOwn || isRunning(record)) return null;
  return `The embedded Temporal of ${home} was there; "kait up" and "kait dev" start it only if TEMPORAL_ADDRESS is not set`;
}
