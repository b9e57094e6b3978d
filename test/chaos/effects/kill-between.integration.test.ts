import { expect, inject, it } from 'vitest';
import { killBetween } from './kill-between.ts';

it('has one effect for each attempt of a database activity whose worker is killed between effect, record and commit', async () => {
  const counts = await killBetween({
    cliPath: inject('temporal').cliPath,
    rounds: ['effect', 'record', 'before-commit', 'after-commit'],
    runsPerRound: 3,
    report: () => undefined,
  });
  const each = { killed: 3, effects: 3, wrong: 0, completed: 3 };
  expect(counts).toEqual([
    { at: 'effect', ...each },
    { at: 'record', ...each },
    { at: 'before-commit', ...each },
    { at: 'after-commit', ...each },
  ]);
});
