import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { findFreePort } from '../../embedded/free-port.ts';
import { rounded, type Report } from '../report.ts';
import { median, rotated } from '../rounds.ts';
import { createStripeWebhooks, stripeSecret } from '../stripe-payments.ts';
import { type Checkout, checkOut, thisCheckout } from './checkout.ts';

/** The time in ms of one round of each. */
interface Round {
  version: number;
  /** Of everything that comes with Kait. */
  validate: number;
  /** Of what `kait init` makes. Not a number for a version that has no `kait init`. */
  validateNew: number;
  firstStart: number;
  laterStart: number;
}

/** Long enough for an old version on a busy machine. */
const limitMs = 600_000;

/**
 * How long commands take to start: this version, and that of the commit `against` if one is given, in turns with an empty program of Node's.
 * Times are of the whole process; those of `up` end with the first webhook that is accepted.
 */
export async function measureStartup({
  against,
  repeats,
  report,
}: {
  against: string | undefined;
  repeats: number;
  report: (line: string) => void;
}): Promise<Report> {
  const folder = await mkdtemp(join(tmpdir(), 'kait-bench-startup-'));
  try {
    const now = await thisCheckout();
    const then = against === undefined ? [] : [await checkOut(against, join(folder, 'then'))];
    const checkouts = [now, ...then];
    const bare: number[] = [];
    const rounds = new Map<string, Round[]>(checkouts.map(({ name }) => [name, []]));
    for (let turn = 0; turn < repeats; turn++) {
      report(`Round ${turn + 1} of ${repeats}`);
      bare.push(await timeOf(['-e', '0'], folder));
      for (const checkout of rotated(checkouts, turn)) {
        rounds.get(checkout.name)?.push(await measureRound(checkout, join(folder, `${checkout.name}-${turn}`)));
      }
    }
    return reportOf(bare, rounds, then);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function measureRound({ folder, program }: Checkout, project: string): Promise<Round> {
  // A project of its own, so that nothing is written into the checkout.
  await cp(join(folder, 'definitions'), join(project, 'definitions'), { recursive: true });
  return {
    version: await timeOf([program, '--version'], project),
    validate: await timeOf([program, 'validate'], project),
    validateNew: await timeOfNewProject(program, project),
    firstStart: await untilAccepted(program, project),
    laterStart: await untilAccepted(program, project),
  };
}

async function timeOfNewProject(program: string, folder: string): Promise<number> {
  const project = join(folder, 'new');
  try {
    await timeOf([program, 'init', project, '--yes'], folder);
  } catch {
    return NaN;
  }
  return timeOf([program, 'validate'], project, join(project, 'definitions'));
}

async function timeOf(args: string[], cwd: string, definitions = join(cwd, 'definitions')): Promise<number> {
  const env = { ...environment(cwd), KAIT_DEFINITIONS: definitions };
  const startedAt = performance.now();
  const child = spawn(process.execPath, args, { cwd, env, stdio: ['ignore', 'ignore', 'ignore'] });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}`);
  return performance.now() - startedAt;
}

function environment(project: string): NodeJS.ProcessEnv {
  const { PATH, HOME, TEMPORAL_CLI_PATH } = process.env;
  return {
    ...{ PATH, HOME, TEMPORAL_CLI_PATH, LOG_LEVEL: 'silent', NO_COLOR: '1' },
    ...{ KAIT_HOME: join(project, '.kait'), KAIT_DEFINITIONS: join(project, 'definitions') },
    STRIPE_WEBHOOK_SECRET: stripeSecret,
  };
}

/** From the start of the process to the first webhook that is accepted. */
async function untilAccepted(program: string, project: string): Promise<number> {
  const port = await findFreePort();
  const env = { ...environment(project), KAIT_PORT: String(port), KAIT_ADMIN_PORT: String(await findFreePort()) };
  const startedAt = performance.now();
  const child = spawn(process.execPath, [program, 'up'], { cwd: project, env, stdio: 'ignore' });
  try {
    const webhookAt = createStripeWebhooks('payment_intent.succeeded', 'startup');
    while (!(await isAccepted(port, webhookAt(0, Date.now())))) {
      if (performance.now() - startedAt > limitMs || child.exitCode !== null) {
        throw new Error(`${program} up accepted no webhook`);
      }
      await pause(5);
    }
    return performance.now() - startedAt;
  } finally {
    await end(child);
  }
}

async function isAccepted(
  port: number,
  { headers, body }: { headers: Record<string, string>; body: string },
): Promise<boolean> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/in/stripe`, { method: 'POST', headers, body });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false; // Nothing listens yet.
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  await exited;
}

const rowsOf: [keyof Round, string][] = [
  ['version', 'kait --version'],
  ['validate', 'kait validate, all that ships'],
  ['validateNew', 'kait validate, new project'],
  ['firstStart', 'kait up, first start'],
  ['laterStart', 'kait up, later start'],
];

function reportOf(bare: number[], rounds: ReadonlyMap<string, Round[]>, then: Checkout[]): Report {
  const bareMs = median(bare);
  const msOf = (name: string, of: keyof Round) => median((rounds.get(name) ?? []).map((round) => round[of]));
  return {
    title: 'startup: from the start of the process',
    notes: [
      '`validate` reads what comes with Kait, copied into a project. `up` has its embedded Temporal and database, and is measured to its first accepted webhook.',
      ...then.map(({ name }) => `Compared with ${name}, with the packages of this version.`),
    ],
    headings: ['command', 'ms', '× node -e 0', ...then.flatMap(({ name }) => [`ms in ${name}`, 'times as fast'])],
    rows: [
      ['node -e 0', rounded(bareMs), 1, ...then.flatMap(() => [null, null])],
      ...rowsOf.map(([of, what]) => {
        const ms = msOf('now', of);
        const before = then.flatMap(({ name }) => [msOf(name, of), msOf(name, of) / ms].map(roundedOrNone));
        return [what, rounded(ms), rounded(ms / bareMs), ...before];
      }),
    ],
    targets: [
      { what: '`--version` against `node -e 0`', measured: msOf('now', 'version') / bareMs, unit: '', atMost: 3 },
      { what: '`validate` of a new project', measured: msOf('now', 'validateNew'), unit: ' ms', atMost: 600 },
    ],
  };
}

function roundedOrNone(value: number): ReturnType<typeof rounded> | null {
  return Number.isNaN(value) ? null : rounded(value);
}
