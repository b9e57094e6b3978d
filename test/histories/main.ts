import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePort } from '../../embedded/free-port.ts';
import { obtainTemporalCli } from '../../embedded/obtain-temporal-cli.ts';
import { startTemporalServer } from '../../embedded/temporal-server.ts';
import { startTemporalHost } from '../workflows/temporal-host.ts';
import { verbCases } from './cases.ts';
import { recordHistory } from './record-history.ts';
import { shippedCases } from './shipped-cases.ts';

/*
 * `npm run histories` records the cases that have no history yet. It never records one again: the point of a history is that
 * an older interpreter wrote it.
 */

const folder = await mkdtemp(join(tmpdir(), 'kait-histories-'));
const report = (line: string): void => void process.stderr.write(`${line}\n`);
const server = await startTemporalServer({
  cliPath: await obtainTemporalCli({ environment: process.env, fallbackFolder: join(folder, 'cache'), report }),
  folder,
  port: await findFreePort(),
  ui: null,
  extraConfig: ['frontend.WorkflowTimeSkippingEnabled=true', 'limit.historyCount.suggestContinueAsNew=120'],
  report,
});
const host = await startTemporalHost(server);
try {
  for (const each of [...verbCases, ...shippedCases]) {
    const first = new URL(`${each.name}.json`, import.meta.url);
    if (existsSync(first)) continue;
    const histories = await recordHistory(host, each);
    for (const [position, history] of histories.entries()) {
      const name = position === 0 ? `${each.name}.json` : `${each.name}.${position + 1}.json`;
      await writeFile(new URL(name, import.meta.url), history);
      report(`Recorded ${name}`);
    }
  }
} finally {
  await host.stop();
  await server.stop();
  await rm(folder, { recursive: true });
}
