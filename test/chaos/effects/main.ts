import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildPackage } from '../../../build/build-package.ts';
import { obtainTemporalCli } from '../../../embedded/obtain-temporal-cli.ts';
import { wholeNumber } from '../options.ts';
import type { HoldAt } from './hold-proxy.ts';
import { killBetween } from './kill-between.ts';
import { killEach } from './kill-each.ts';

/**
 * `npm run chaos:effects [-- --kills 200] [--database pglite] [--worker-kills 8] [--runs-per-kill 10]`: exit code 0 if each effect has
 * happened once. `--kills`: processes that are killed amid one attempt each, on PostgreSQL and again on PGlite, or on one of the two.
 * `--worker-kills`: kills of a real worker on Temporal, with several attempts under way.
 */
const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '200' },
    database: { type: 'string', default: 'both' },
    'worker-kills': { type: 'string', default: '8' },
    'runs-per-kill': { type: 'string', default: '10' },
  },
});
const kills = wholeNumber('--kills', values.kills, 0, 10_000);
const databases = databasesOf(values.database);
const workerKills = wholeNumber('--worker-kills', values['worker-kills'], 0, 1_000);
const runsPerRound = wholeNumber('--runs-per-kill', values['runs-per-kill'], 1, 50);

process.once('SIGINT', () => process.exit(130)).once('SIGTERM', () => process.exit(143));
const report = (line: string) => void process.stdout.write(`${line}\n`);
const sound: boolean[] = [];
for (const database of kills === 0 ? [] : databases) sound.push(await killProcesses(database));
if (workerKills > 0) sound.push(await killWorkers());
process.exitCode = sound.includes(false) ? 1 : 0;

function databasesOf(text: string): ('postgres' | 'pglite')[] {
  if (text === 'both') return ['postgres', 'pglite'];
  if (text === 'postgres' || text === 'pglite') return [text];
  throw new Error(`--database must be postgres, pglite or both; got "${text}"`);
}

async function killProcesses(kind: 'postgres' | 'pglite'): Promise<boolean> {
  const { tallies, effects, results } = await killEach(kind, { kills, report });
  for (const { at, kills: killed, leftNone, leftOne, once } of tallies) {
    report(
      `${kind}, after the ${at}: ${killed} killed, ${leftNone} left nothing, ${leftOne} left the effect, ${once} had it once`,
    );
  }
  report(`${kind}: ${kills} kills, ${effects} effects, ${results} results`);
  return effects === kills && results === kills && tallies.every((tally) => tally.once === tally.kills);
}

async function killWorkers(): Promise<boolean> {
  const points: HoldAt[] = ['effect', 'record', 'before-commit', 'after-commit'];
  const rounds = Array.from({ length: workerKills }, (_each, index) => points[index % points.length] ?? 'effect');
  await buildPackage();
  const fallbackFolder = join(tmpdir(), 'kait-chaos-cache');
  const cliPath = await obtainTemporalCli({ environment: process.env, fallbackFolder, report });
  const counts = await killBetween({ cliPath, rounds, runsPerRound, report });
  for (const point of points) {
    const at = counts.filter((count) => count.at === point);
    const sum = (name: 'killed' | 'effects' | 'wrong' | 'completed') =>
      at.reduce((total, count) => total + count[name], 0);
    report(
      `${point}: ${sum('killed')} attempts killed, ${sum('effects')} effects, ${sum('wrong')} wrong, ${sum('completed')} runs completed with their own`,
    );
  }
  return counts.every(
    ({ killed, effects, wrong, completed }) => effects === killed && wrong === 0 && completed === killed,
  );
}
