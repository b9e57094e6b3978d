import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCommandActivities } from '../../activities/commands.ts';
import { commandSeal, valueDigest } from '../../storage/command-seal.ts';
import type { Database } from '../../storage/database.ts';
import { openTestDatabase } from '../services/open-test-database.ts';
import { sampleInstallation } from '../server/sample-installation.ts';

const installation = sampleInstallation();
let database: Database;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

const skip = { verb: 'skip', step: 'pay', digest: null, by: 'ana', reason: 'closed', origin: null };

function activities({
  runId = 'run-1',
  workflowId = `kait-test/fulfil/shop/${randomUUID()}`,
  own = installation,
} = {}) {
  const deps = { database, installation: own, workflowId: () => workflowId, runId: () => runId };
  const record = createCommandActivities(deps)['runs.command'];
  const rows = () =>
    database.run(
      'test-audit',
      'select actor, action, reason, step, via, digest, command from audit where target = $1 order by id',
      [workflowId],
    );
  return { workflowId, record, rows };
}

it('records a command that came by way of Temporal once, however often it is tried', async () => {
  const { record, rows } = activities();
  const id = randomUUID();
  const outcomes = await Promise.all([1, 2, 3].map(() => record({ ...skip, id })));
  expect(outcomes).toEqual([{ refusal: null }, { refusal: null }, { refusal: null }]);
  expect(await rows()).toEqual([
    {
      ...{ actor: 'ana', action: 'skip', reason: 'closed', step: 'pay', via: 'temporal', digest: null },
      command: `run-1/${id}`,
    },
  ]);
});

it('records who sent a command through the API, and what it gave', async () => {
  const { workflowId, record, rows } = activities();
  const digest = valueDigest({ id: 'ord_1' });
  const command = { ...skip, verb: 'setResult', id: randomUUID(), digest };
  const seal = commandSeal(installation, { ...command, workflowId, via: 'api', address: '::1' });
  expect(await record({ ...command, origin: { via: 'api', address: '::1', seal } })).toEqual({ refusal: null });
  expect(await rows()).toMatchObject([{ action: 'set-result', via: 'api', digest }]);
});

it.each([
  ['another person', { by: 'eve' }],
  ['another result', { digest: valueDigest({ id: 'ord_2' }) }],
  ['another step', { step: 'ship' }],
  ['another verb', { verb: 'setResult' }],
  ['another update', { id: 'other' }],
])('refuses a seal for %s, and records nothing', async (_what, other) => {
  const { workflowId, record, rows } = activities();
  const command = { ...skip, id: randomUUID() };
  const seal = commandSeal(installation, { ...command, workflowId, via: 'api', address: null });
  const origin = { via: 'api', address: null, seal };
  expect(await record({ ...command, ...other, origin })).toEqual({ refusal: 'forged' });
  expect(await rows()).toEqual([]);
});

describe('a sealed command that somebody sends once more', () => {
  const sealed = (workflowId: string, key = installation) => {
    const command = { ...skip, id: randomUUID() };
    const seal = commandSeal(key, { ...command, workflowId, via: 'api', address: null });
    return { ...command, origin: { via: 'api', address: null, seal } };
  };

  it('is refused by the run that continued the one that had it', async () => {
    const first = activities();
    const command = sealed(first.workflowId);
    expect(await first.record(command)).toEqual({ refusal: null });
    const next = activities({ workflowId: first.workflowId, runId: 'run-2' });
    expect(await next.record(command)).toEqual({ refusal: 'forged' });
    expect(await first.rows()).toMatchObject([{ via: 'api', command: `run-1/${command.id}` }]);
  });

  it.each([
    ['the retry of its run', (workflowId: string) => `${workflowId}/kait:retry-1`],
    ['any other run', () => `kait-test/fulfil/shop/${randomUUID()}`],
  ])('is refused by %s', async (_what, otherOf) => {
    const { workflowId } = activities();
    const other = activities({ workflowId: otherOf(workflowId) });
    expect(await other.record(sealed(workflowId))).toEqual({ refusal: 'forged' });
    expect(await other.rows()).toEqual([]);
  });

  it('is refused by another installation, and after the key has changed', async () => {
    const other = activities({ own: { ...installation, sealKey: Buffer.alloc(32, 7) } });
    expect(await other.record(sealed(other.workflowId))).toEqual({ refusal: 'forged' });
    expect(await other.rows()).toEqual([]);
  });

  it('counts as one by way of Temporal without its seal, whoever it names', async () => {
    const { workflowId, record, rows } = activities();
    expect(await record({ ...sealed(workflowId), origin: null })).toEqual({ refusal: null });
    expect(await rows()).toMatchObject([{ actor: 'ana', via: 'temporal' }]);
  });
});
