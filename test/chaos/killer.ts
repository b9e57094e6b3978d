import { setTimeout as pause } from 'node:timers/promises';
import type { Kill } from './facts.ts';
import type { Random } from './random.ts';
import type { Victim } from './victim.ts';

export interface KillerDeps {
  victims: Victim[];
  random: Random;
  now: () => number;
  /** Counts up while work gets done. */
  progress: () => number;
  /** The killing goes on while it is true. */
  isWorthwhile: () => boolean;
  report: (line: string) => void;
}

const leastRounds = 2;
/** Otherwise the next kill may find the process while it still starts. */
const waitsUntilReady = 0.75;
/** Clients come back to a restarted Temporal only after a pause; a kill amid that pause would interrupt nothing. */
const awaitProgressMs = 5_000;
const lookMs = 50;

/** Kills every victim in turn, in an order of chance, and starts it again. Resolves when all are up again for good. */
export async function killInTurn(deps: KillerDeps): Promise<Kill[]> {
  const kills: Kill[] = [];
  for (let round = 1; round <= leastRounds || deps.isWorthwhile(); round++) {
    for (const victim of deps.random.shuffled(deps.victims)) kills.push(await killOnce(victim, deps));
  }
  await Promise.all(deps.victims.map((victim) => victim.untilReady()));
  return kills;
}

async function killOnce(victim: Victim, { random, now, report, progress }: KillerDeps): Promise<Kill> {
  await untilProgress(progress);
  await pause(random.between(300, 1_500));
  const kill = { victim: victim.name, atMs: now() };
  await victim.kill();
  report(`kill -9 ${victim.name}`);
  await pause(random.between(50, 500));
  await victim.start();
  if (random.chance(waitsUntilReady)) await victim.untilReady();
  return kill;
}

async function untilProgress(progress: () => number): Promise<void> {
  const before = progress();
  for (let waitedMs = 0; waitedMs < awaitProgressMs && progress() === before; waitedMs += lookMs) await pause(lookMs);
}
