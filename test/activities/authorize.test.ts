import { describe, expect, it } from 'vitest';
import { authorized } from '../../activities/authorize.ts';
import { activityFailure } from '../../activities/failure-types.ts';
import { digestOf, sealOf, type Sealed } from '../../storage/installation.ts';
import { sampleInstallation } from '../server/sample-installation.ts';

const installation = sampleInstallation();
const workflowId = 'kait-test/fulfil/stripe/evt_1';
const input = digestOf({ event: 'evt_1' });
const served = 'a'.repeat(64);

function sealFor(sealed: Partial<Sealed> = {}): string {
  return sealOf(installation, { kind: 'workflow', id: workflowId, inputDigest: input, ...sealed });
}

const root = { workflowId, input, seal: sealFor() };

/** Calls a guarded activity for the run `from`. */
async function act(context: unknown, from: string | null = workflowId): Promise<string> {
  const pay = (...[amount, shown]: [number, { definition: string }]) =>
    Promise.resolve(`paid ${amount} for ${shown.definition}`);
  const { pay: guarded } = authorized(
    { pay },
    {
      installation,
      workflowId: () => from,
      definitionName: (hash) => Promise.resolve(hash === served ? 'greet' : undefined),
    },
  );
  return guarded(5, context as { definition: string });
}

const refusal = { type: 'RunRefused', nonRetryable: true };

describe('a guarded activity acts for', () => {
  it.each([
    ['a run with the seal of its input', { authority: root }, workflowId, 'fulfil'],
    [
      'a run that says that it has another definition',
      { authority: root, definition: 'greet', name: 'greet' },
      workflowId,
      'fulfil',
    ],
    [
      'a child run of a served definition',
      { authority: { ...root, definition: served } },
      `${workflowId}/step`,
      'greet',
    ],
    ['a run that undoes what its child did', { authority: { ...root, definition: served } }, workflowId, 'greet'],
    [
      'a run that a schedule started',
      { authority: { workflowId: `${workflowId}-2026-11-25T01:00:00Z`, input, seal: sealFor({ kind: 'schedule' }) } },
      `${workflowId}-2026-11-25T01:00:00Z`,
      'fulfil',
    ],
  ])('%s, and knows its definition', async (_who, context, from, definition) => {
    expect(await act(context, from)).toBe(`paid 5 for ${definition}`);
  });
});

describe('a guarded activity refuses', () => {
  it.each([
    ['a call without a context', undefined, workflowId],
    ['a call without an authority', { idempotencyKey: 'k' }, workflowId],
    ['a call from outside of any run', { authority: root }, null],
    ['an empty seal', { authority: { ...root, seal: '' } }, workflowId],
    ['a seal of another input', { authority: { ...root, input: digestOf({ event: 'evt_2' }) } }, workflowId],
    ['the seal of another run', { authority: root }, 'kait-test/fulfil/stripe/evt_2'],
    ['a sealed input that somebody starts at a later time', { authority: root }, `${workflowId}-2026-11-25T01:00:00Z`],
    [
      'the same, with the id that it claims',
      { authority: { ...root, workflowId: `${workflowId}-2026-11-25T01:00:00Z` } },
      `${workflowId}-2026-11-25T01:00:00Z`,
    ],
    [
      'a child run of a definition that was never served',
      { authority: { ...root, definition: 'b'.repeat(64) } },
      `${workflowId}/step`,
    ],
    [
      'a child run of a run without a seal',
      { authority: { ...root, seal: sealFor({ id: 'x' }), definition: served } },
      `${workflowId}/step`,
    ],
    ['a child run that is not below its parent', { authority: { ...root, definition: served } }, 'kait-test/other'],
    ...['kait-test-staging/fulfil/stripe/evt_1', 'KAIT-TEST/fulfil/stripe/evt_1', 'kait-test'].map(
      (id): [string, unknown, string] => [
        `the run ${id} of an installation with a copy of the database`,
        { authority: { ...root, workflowId: id, seal: sealFor({ id }) } },
        id,
      ],
    ),
    ['a seal in a list', { authority: { ...root, seal: [root.seal] } }, workflowId],
    ['an unknown member', { authority: { ...root, trusted: true } }, workflowId],
  ])('%s', async (_what, context, from) => {
    await expect(act(context, from)).rejects.toMatchObject(refusal);
  });
});

it('does not refuse a child run while the database is away, but tries again', async () => {
  const away = activityFailure('DatabaseUnavailable', 'away');
  const { pay } = authorized(
    { pay: (...given: [null, unknown]) => Promise.resolve(given) },
    { installation, workflowId: () => `${workflowId}/step`, definitionName: () => Promise.reject(away) },
  );
  await expect(pay(null, { authority: { ...root, definition: served } })).rejects.toBe(away);
});
