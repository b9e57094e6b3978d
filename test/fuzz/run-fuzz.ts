import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startChildProgram, type ChildProgram } from '../../bench/child-program.ts';
import { createRandom } from '../chaos/random.ts';
import { attackReceiver, type Encounter } from './attack-receiver.ts';
import { createAttacks, type Attack } from './attacks.ts';
import { gatherMaterial } from './gather-material.ts';
import type { FuzzOptions } from './options.ts';
import type { Memory, Question, StoredBodies } from './receiver-program.ts';

export interface FuzzOutcome {
  requests: number;
  connections: number;
  durationMs: number;
  /** How many answers of each status; 0: connections that ended without an answer. */
  statuses: Map<number, number>;
  /** After the first fifth of the requests, and at the end. */
  memory: { warm: Memory; end: Memory };
  stored: number;
  /** Whatever must not happen, at most a hundred of them. Empty: the receiver has held. */
  violations: string[];
}

type Receiver = ChildProgram<{ port: number }, Question, Memory | StoredBodies | null>;

const concurrency = 64;
const mostViolations = 100;
/** The most that kept memory may grow between the warm-up and the end. */
const heapGrowthBytes = 16 * 2 ** 20;
const rssGrowthBytes = 96 * 2 ** 20;

/** Attacks a receiver in a process of its own. Rejects where that cannot be started. */
export async function runFuzz(options: FuzzOptions, deps: { now: () => number }): Promise<FuzzOutcome> {
  const folder = await mkdtemp(join(tmpdir(), 'kait-fuzz-'));
  const outputFile = join(folder, 'receiver.log');
  const receiver: Receiver = await startChildProgram({
    module: new URL('receiver-program.ts', import.meta.url),
    settings: null,
    outputFile,
  });
  try {
    return await attack(receiver, options, { ...deps, readLog: () => readFile(outputFile, 'utf8') });
  } finally {
    await receiver.stop();
    await rm(folder, { recursive: true });
  }
}

async function attack(
  receiver: Receiver,
  { requests, seed }: FuzzOptions,
  { now, readLog }: { now: () => number; readLog: () => Promise<string> },
): Promise<FuzzOutcome> {
  const { sources, ...material } = await gatherMaterial();
  await receiver.ask({ mount: sources });
  const next = createAttacks(material, createRandom(seed, 'attacks'));
  const tally = createTally();
  const startedAt = now();
  await attackInParallel(receiver.ready.port, next, requests / 5, tally);
  const warm = (await receiver.ask('memory')) as Memory;
  await attackInParallel(receiver.ready.port, next, requests, tally);
  const durationMs = now() - startedAt;
  const end = (await receiver.ask('memory')) as Memory;
  const stored = (await receiver.ask('inbox')) as StoredBodies;
  const { batches, poison } = material.burdens;
  const genuine = new Set(
    [...material.genuine, ...batches, ...poison].map(({ url, body }) => `${sourceIn(url)} ${digest(body)}`),
  );
  const log = await readLog();
  const violations = [
    ...tally.violations,
    ...stored.filter((body) => !genuine.has(body)).map((body) => `stored, but never sent like this: ${body}`),
    ...(end.heapBytes - warm.heapBytes > heapGrowthBytes ? ['the heap has grown'] : []),
    ...(end.rssBytes - warm.rssBytes > rssGrowthBytes ? ['the memory has grown'] : []),
    ...(log === '' ? [] : [`the receiver has complained: ${log.slice(0, 2_000)}`]),
  ];
  const { statuses, sent, connections } = tally;
  return {
    requests: sent(),
    connections: connections(),
    durationMs,
    statuses,
    memory: { warm, end },
    stored: stored.length,
    violations,
  };
}

/** Until `requests` have been sent in all. */
async function attackInParallel(port: number, next: () => Attack, requests: number, tally: Tally): Promise<void> {
  const attackOn = async (): Promise<void> => {
    while (tally.sent() < requests && tally.violations.length < mostViolations) {
      const each = next();
      tally.begin(each);
      tally.end(each, await attackReceiver(port, each));
    }
  };
  await Promise.all(Array.from({ length: concurrency }, attackOn));
}

type Tally = ReturnType<typeof createTally>;

function createTally() {
  const statuses = new Map<number, number>();
  const violations: string[] = [];
  let sent = 0;
  let connections = 0;
  return {
    statuses,
    violations,
    sent: () => sent,
    connections: () => connections,
    begin(attack: Attack) {
      sent += attack.requests;
      connections += 1;
    },
    end(attack: Attack, encounter: Encounter) {
      for (const status of encounter.statuses.length === 0 ? [0] : encounter.statuses) {
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
      }
      const wrong = judge(attack, encounter);
      if (wrong !== null) violations.push(`${attack.kind}: ${wrong}: ${shown(attack)}`);
    },
  };
}

/** What must not have happened, or null. */
function judge({ acknowledged }: Attack, { statuses, ended }: Encounter): string | null {
  if (!ended) return 'the connection hung';
  if (statuses.some((status) => status >= 500)) return `answered ${statuses.join(', ')}`;
  const count = statuses.filter((status) => status < 300).length;
  if (acknowledged !== null && count !== acknowledged) return `${count} acknowledged instead of ${acknowledged}`;
  return null;
}

function shown({ chunks }: Attack): string {
  return JSON.stringify(Buffer.concat(chunks).subarray(0, 1_500).toString('latin1'));
}

function sourceIn(url: string): string {
  return /^\/in\/([^/?]+)/.exec(url)?.[1] ?? '';
}

function digest(body: Buffer): string {
  return createHash('sha256').update(body).digest('hex');
}
