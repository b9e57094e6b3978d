import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildPackage } from '../../../build/build-package.ts';
import { obtainTemporalCli } from '../../../embedded/obtain-temporal-cli.ts';
import { wholeNumber } from '../options.ts';
import type { HoldAt } from './hold-proxy.ts';
import { killBetween } from './kill-between.ts';

/** `npm run chaos:effects [-- --kills 200] [--runs-per-kill 10]`: exit code 0 if each effect has happened once. */
const { values } = parseArgs({
  options: { kills: { type: 'string', default: '200' }, 'runs-per-kill': { type: 'string', default: '10' } },
});
const kills = wholeNumber('--kills', values.kills, 4, 10_000);
const runsPerRound = wholeNumber('--runs-per-kill', values['runs-per-kill'], 1, 50);
const points: HoldAt[] = ['effect', 'record', 'before-commit', 'after-commit'];
const rounds = Array.from(
  { length: Math.ceil(kills / runsPerRound) },
  (_each, index) => points[index % points.length] ?? 'effect',
);

process.once('SIGINT', () => process.exit(130)).once('SIGTERM', () => process.exit(143));
const report = (line: string) => void process.stdout.write(`${line}\n`);
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
process.exitCode = counts.every(
  ({ killed, effects, wrong, completed }) => effects === killed && wrong === 0 && completed === killed,
)
  ? 0
  : 1;
