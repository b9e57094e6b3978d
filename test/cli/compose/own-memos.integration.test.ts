import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { RawValue } from '@temporalio/common';
import { NativeConnection } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { withOwnMemos } from '../../../cli/compose/own-memos.ts';
import { createClaimCheck } from '../../../storage/claim-check.ts';
import { pino } from 'pino';
import { installRuntime } from '../../../worker/install-runtime.ts';

/* What a neighbour in the namespace can write into its workflows and schedules: nothing that keeps Kait from finding its own. */

const { address, namespace } = inject('temporal');
const prefix = `memos-${randomUUID()}`;
const rawValue = (text: string, metadata: Record<string, string> = {}) =>
  RawValue.fromPayload({
    data: Buffer.from(text),
    metadata: Object.fromEntries(
      Object.entries({ encoding: 'json/plain', ...metadata }).map(([name, value]) => [name, Buffer.from(value)]),
    ),
  });
const memos: [string, Record<string, unknown>][] = [
  ['no-json', { note: rawValue('{'), waitedForBy: rawValue('"half') }],
  ['reference', { waitedForBy: rawValue('"x"', { 'kait-stored': 'a'.repeat(64) }) }],
  ['number', { waitedForBy: 1 }],
  ['own', { waitedForBy: `${prefix}/parent`, other: 'x' }],
];

let connections: [Connection, NativeConnection];
beforeAll(async () => {
  installRuntime(pino({ level: 'silent' }));
  connections = [await Connection.connect({ address }), await NativeConnection.connect({ address })];
  const { workflow, schedule } = new Client({ connection: connections[0], namespace });
  const taskQueue = `${prefix}-nobody`;
  for (const [name, memo] of memos) {
    await workflow.start('neighbour', { taskQueue, workflowId: `${prefix}/${name}`, memo });
  }
  await schedule.create({
    scheduleId: `${prefix}/schedule`,
    spec: {},
    action: { type: 'startWorkflow', workflowType: 'neighbour', taskQueue },
    memo: { note: rawValue('{') },
  });
});
afterAll(async () => {
  const { workflow, schedule } = new Client({ connection: connections[0], namespace });
  for (const [name] of memos) await workflow.getHandle(`${prefix}/${name}`).terminate();
  await schedule.getHandle(`${prefix}/schedule`).delete();
  await Promise.all(connections.map((connection) => connection.close()));
});

describe.each([
  ['the connection of a server', 0],
  ['the connection of a worker', 1],
])('over %s', (_what, index) => {
  const clientOver = () => {
    const payloads = { put: () => Promise.reject(new Error('no')), get: () => Promise.resolve(null) };
    const dataConverter = { payloadCodecs: [createClaimCheck({ payloads })] };
    return new Client({ connection: withOwnMemos(connections[index]!), namespace, dataConverter });
  };

  it('lists the workflows of a namespace whatever is in their memos, and reads the one of its own', async () => {
    const query = `WorkflowId STARTS_WITH "${prefix}/" AND WorkflowType = "neighbour"`;
    const listed = async () => {
      const found: Record<string, unknown> = {};
      for await (const { workflowId, memo } of clientOver().workflow.list({ query })) found[workflowId] = memo;
      return found;
    };
    await expect.poll(listed).toEqual({
      [`${prefix}/no-json`]: {},
      [`${prefix}/reference`]: {},
      [`${prefix}/number`]: {},
      [`${prefix}/own`]: { waitedForBy: `${prefix}/parent` },
    });
  });

  it.each(memos.map(([name]) => name))('describes a workflow with the memo "%s"', async (name) => {
    const { status } = await clientOver().workflow.getHandle(`${prefix}/${name}`).describe();
    expect(status.name).toBe('RUNNING');
  });

  it('lists the schedules of a namespace whatever is in their memos', async () => {
    const listed = async () => {
      const found: string[] = [];
      for await (const { scheduleId } of clientOver().schedule.list()) found.push(scheduleId);
      return found;
    };
    await expect.poll(listed).toContain(`${prefix}/schedule`);
  });

  it('still asks Temporal with a deadline, and tells what does not exist', async () => {
    const { connection, workflow } = clientOver();
    const asked = connection.withDeadline(Date.now() + 5_000, () => workflow.getHandle(`${prefix}/none`).describe());
    await expect(asked).rejects.toMatchObject({ name: 'WorkflowNotFoundError' });
  });
});
