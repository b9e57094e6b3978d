import { randomInt } from 'node:crypto';
import { expect, inject, it } from 'vitest';
import { reportOf } from './report.ts';
import { runChaos } from './run-chaos.ts';

/** Some 80 s on two idle cores, of which most is waiting for what the killed had claimed. */
const limitMs = 400_000;

it(
  'keeps every promise for 300 events while each process is killed at random',
  async () => {
    const options = { events: 300, seed: randomInt(2 ** 32), modes: ['separate' as const, 'together' as const] };
    const lines: string[] = [];
    const deps = {
      cliPath: inject('temporal').cliPath,
      report: (line: string) => void lines.push(line),
      now: () => Date.now(),
    };
    const outcomes = await runChaos(options, deps).catch((error: unknown) => {
      throw new Error(`seed ${options.seed}\n${lines.join('\n')}`, { cause: error });
    });
    const violations = outcomes.flatMap((outcome) => outcome.violations);
    expect(violations, `${lines.join('\n')}\n${reportOf(outcomes, options.seed)}`).toEqual([]);
    expect(outcomes.map(({ facts }) => facts.sent.length)).toEqual([300, 60]);
    const { executions = [], inbox = [] } = outcomes[0]?.facts ?? {};
    const continued = executions
      .filter(({ status }) => status === 'CONTINUED_AS_NEW')
      .map(({ workflowId }) => workflowId);
    expect(new Set(continued.filter((id) => id.includes('/order-parcels/'))).size).toBe(6);
    expect(inbox.filter(({ state }) => state === 'failed')).toHaveLength(12);
    // Kills can keep the few of the smaller mode from being told in time.
    const migrations = outcomes.flatMap(({ facts }) => facts.audit.filter(({ action }) => action === 'migrate'));
    expect(migrations.length).toBeGreaterThan(0);
    const [separate = [], together = []] = outcomes.map(({ facts }) => facts.kills.map(({ victim }) => victim));
    const killsOf = (victim: string) => separate.filter((name) => name === victim).length;
    expect(['server', 'worker', 'temporal'].filter((victim) => killsOf(victim) < 2)).toEqual([]);
    expect(together.length).toBeGreaterThanOrEqual(2);
  },
  limitMs,
);
