import { setTimeout as pause } from 'node:timers/promises';
import type { Kill } from './facts.ts';
import type { Random } from './random.ts';
import type { Victim } from './system.ts';

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
/** After every so many turns the next kill comes at once, and may find a process that still starts. */
const impatientEvery = 4;
/** How often another one is killed while the first is down: what the server holds for an absent Temporal, for one. */
const alsoAnother = 0.33;
/** Clients come back to a restarted Temporal only after a pause; a kill amid that pause would interrupt nothing. */
const awaitProgressMs = 5_000;
const lookMs = 50;

/** Kills every victim in turn, in an order of chance, and starts it again. Resolves when all are up again for good. */
export async function killInTurn(deps: KillerDeps): Promise<Kill[]> {
  const kills: Kill[] = [];
  const untilReady = () => Promise.all(deps.victims.map((victim) => victim.untilReady()));
  let turns = 0;
  for (let round = 1; round <= leastRounds || deps.isWorthwhile(); round++) {
    for (const victim of deps.random.shuffled(deps.victims)) {
      kills.push(...(await takeTurn(victim, deps)));
      turns++;
      if (turns % impatientEvery !== 0) await untilReady();
    }
  }
  await untilReady();
  return kills;
}

async function takeTurn(victim: Victim, deps: KillerDeps): Promise<Kill[]> {
  const { random } = deps;
  await untilProgress(deps.progress);
  await pause(random.between(300, 1_500));
  const kills = [await kill(victim, deps)];
  const down = [victim];
  const [other] = random.shuffled(deps.victims.filter((each) => each !== victim));
  if (other !== undefined && random.chance(alsoAnother)) {
    await pause(random.between(50, 500));
    kills.push(await kill(other, deps));
    down.push(other);
  }
  await pause(random.between(50, 500));
  for (const each of random.shuffled(down)) await each.start();
  return kills;
}

async function kill(victim: Victim, { now, report }: KillerDeps): Promise<Kill> {
  const atMs = now();
  await victim.kill();
  report(`kill -9 ${victim.name}`);
  return { victim: victim.name, atMs };
}

async function untilProgress(progress: () => number): Promise<void> {
  const before = progress();
  for (let waitedMs = 0; waitedMs < awaitProgressMs && progress() === before; waitedMs += lookMs) await pause(lookMs);
}
