import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { openPGlite } from '../../../storage/open-pglite.ts';
import { temporaryFolder } from '../../temporary-folder.ts';

const program = fileURLToPath(new URL('./write-until-killed.ts', import.meta.url));

/** Kills a process that writes once it has said so often that something is committed. Returns what it has said. */
async function killAfter(commits: number, folder: string): Promise<number[]> {
  const writer = spawn(process.execPath, ['--import', 'tsx', program, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void writer.kill('SIGKILL'));
  const committed: number[] = [];
  for await (const line of createInterface(writer.stdout)) {
    committed.push(Number(line));
    if (committed.length === commits) writer.kill('SIGKILL');
  }
  if (writer.signalCode === null) await once(writer, 'exit');
  return committed;
}

it('keeps all that was committed when its process is killed amid writes, and no half of a transaction', async () => {
  const folder = join(await temporaryFolder(), 'database');
  const committed = await killAfter(100, folder);
  const database = await openPGlite({ folder });
  onTestFinished(() => database.close());
  const rows = await database.run<{ number: number; halves: number }>(
    '',
    'select number, count(*) as halves from pairs group by number',
    [],
  );
  expect(rows.filter(({ halves }) => halves !== 2)).toEqual([]);
  const kept = new Set(rows.map(({ number }) => number));
  expect(committed.filter((number) => !kept.has(number))).toEqual([]);
  expect(committed.length).toBeGreaterThanOrEqual(100);
});
