import { createHash } from 'node:crypto';
import type { Payload, SerializationContext } from '@temporalio/common';
import { expect, it } from 'vitest';
import { createClaimCheck } from '../../storage/claim-check.ts';
import type { PayloadOwner } from '../../storage/payload-store.ts';

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const inRun = (workflowId: string): SerializationContext => ({ type: 'workflow', namespace: 'default', workflowId });
const inActivity: SerializationContext = { type: 'activity', namespace: 'default', workflowId: 'run', isLocal: false };
const valueOf = (bytes: number, encoding = 'json/plain'): Payload => ({
  metadata: { encoding: Buffer.from(encoding) },
  data: Buffer.from(`"${'x'.repeat(bytes - 2)}"`),
});

/** A claim check over a table in memory, with the runs that it says are lost. */
function claimCheck() {
  const rows = new Map<string, Uint8Array>();
  const keyOf = ({ namespace, workflowId }: PayloadOwner, digest: string) => `${namespace}/${workflowId}/${digest}`;
  const lost: string[] = [];
  const codec = createClaimCheck({
    payloads: {
      put: (owner, bytes) => {
        rows.set(keyOf(owner, sha256(bytes)), bytes);
        return Promise.resolve(sha256(bytes));
      },
      get: (owner, digest) => Promise.resolve(rows.get(keyOf(owner, digest)) ?? null),
    },
    lost: (workflowId) => Promise.resolve(void lost.push(workflowId)),
  });
  return { codec, rows, lost };
}

it('puts a reference that people can read in the place of a large value, and gives the value back', async () => {
  const { codec } = claimCheck();
  const value = valueOf(262_145);
  const [reference] = await codec.encode([value], inRun('run'));
  expect(JSON.parse(Buffer.from(reference?.data ?? []).toString())).toEqual({
    storedByKait: { sha256: sha256(value.data ?? Buffer.alloc(0)), bytes: 262_145 },
  });
  expect(reference?.metadata?.encoding).toEqual(Buffer.from('json/plain'));
  expect(await codec.decode([reference!], inRun('run'))).toEqual([value]);
});

it.each<[what: string, value: Payload, context: SerializationContext | undefined]>([
  ['256 KiB', valueOf(262_144), inRun('run')],
  ['bytes that are no JSON', valueOf(300_000, 'binary/plain'), inRun('run')],
  ["an activity's values", valueOf(300_000), inActivity],
  ['values of nobody', valueOf(300_000), undefined],
])('leaves %s in the history', async (_what, value, context) => {
  const { codec, rows } = claimCheck();
  expect(await codec.encode([value], context)).toEqual([value]);
  expect(rows.size).toBe(0);
});

it.each<[where: string, context: SerializationContext]>([
  ['another run', inRun('thief')],
  ['another namespace', { ...inRun('run'), namespace: 'other' }],
])('gives no value for a copied reference in %s, and says that the run is lost', async (_where, context) => {
  const { codec, lost } = claimCheck();
  const references = await codec.encode([valueOf(300_000)], inRun('run'));
  await expect(codec.decode(references, context)).rejects.toThrow("Kait's database has no value");
  expect(lost).toHaveLength(1);
});

it.each([
  ['bytes that PostgreSQL takes in no text', '\0'.repeat(64)],
  ['more bytes than an end of a run may give as its reason', 'a'.repeat(2_000_000)],
  ['a name in upper case', sha256(Buffer.from('A')).toUpperCase()],
])('asks the database for no reference that has %s, and ends the run', async (_what, stored) => {
  const asked: string[] = [];
  const lost: unknown[] = [];
  const codec = createClaimCheck({
    payloads: {
      put: () => Promise.reject(new Error('nothing is stored')),
      get: (_owner, digest) => Promise.resolve(void asked.push(digest)).then(() => null),
    },
    lost: (workflowId, reason) => Promise.resolve(void lost.push([workflowId, reason])),
  });
  const reference = { metadata: { encoding: Buffer.from('json/plain'), 'kait-stored': Buffer.from(stored) } };
  await expect(codec.decode([reference], inRun('run'))).rejects.toThrow('no value with such a name for the run run');
  expect(lost).toEqual([['run', "Kait's database has no value with such a name for the run"]]);
  expect(asked).toEqual([]);
});

it('reads no value for an activity, and no more than two of a list', async () => {
  const { codec } = claimCheck();
  const value = valueOf(300_000);
  const [reference] = await codec.encode([value], inRun('run'));
  const references = Array.from({ length: 1_000 }, () => reference!);
  expect(await codec.decode(references, inActivity)).toEqual(references);
  expect(await codec.decode(references, inRun('run'))).toEqual([value, value, ...references.slice(2)]);
});
