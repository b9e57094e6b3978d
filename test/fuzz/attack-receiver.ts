import { connect } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import type { Attack } from './attacks.ts';

/** How a connection went. */
export interface Encounter {
  /** The statuses of all answers, without interim ones such as 100. */
  statuses: number[];
  /** Whether the connection was over in time. */
  ended: boolean;
}

/** Many times as long as the receiver gives a request. */
const patienceMs = 20_000;

/** Does to the receiver at `port` what the attack says. Never rejects: being refused is what attackers are for. */
export async function attackReceiver(port: number, { chunks, ending }: Attack): Promise<Encounter> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  const answers: Buffer[] = [];
  socket.on('error', () => undefined);
  socket.on('data', (chunk: Buffer) => answers.push(chunk));
  let ended = true;
  socket.setTimeout(patienceMs, () => {
    ended = false;
    socket.destroy();
  });
  const closed = new Promise((resolve) => socket.once('close', resolve)); // `once` of node:events would reject on errors.
  for (const [index, chunk] of chunks.entries()) {
    if (index > 0) await turn(); // So that each piece is its own packet.
    socket.write(chunk);
  }
  if (ending === 'end') socket.end();
  if (ending === 'vanish') socket.once('connect', () => setImmediate(() => socket.resetAndDestroy()));
  await closed;
  return { statuses: statusesIn(Buffer.concat(answers).toString('latin1')), ended };
}

function statusesIn(text: string): number[] {
  return [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)]
    .map(([, status]) => Number(status))
    .filter((status) => status >= 200);
}
