import { expect, it } from 'vitest';
import type { TemporalAccess } from '../../../cli/compose/temporal-access.ts';
import { temporalToCome } from '../../../cli/compose/temporal-to-come.ts';

const present = {
  namespace: 'default',
  client: { workflow: 'theirs' },
  connection: { operatorService: 'operators', workflowService: 'workflows' },
  eager: true,
  ui: { url: 'http://127.0.0.1:8233' },
  ping: () => Promise.resolve(),
} as unknown as TemporalAccess; // No more of it is used.

it('is an outage until Temporal has come', async () => {
  const { access } = temporalToCome('default');
  await expect(access.ping(10)).rejects.toThrow('Temporal is still starting');
  expect(() => access.client).toThrow('Temporal is still starting');
  expect(() => access.client).toThrow(expect.objectContaining({ name: 'TemporalToCome' }));
  expect(() => access.connection.workflowService).toThrow('Temporal is still starting');
  expect(access.ui).toBeNull();
  expect(access.namespace).toBe('default');
});

it('is the Temporal that has come from then on, also for who was given it before', async () => {
  const { access, come } = temporalToCome('default');
  const { connection } = access;
  come(present);
  await access.ready;
  await expect(access.ping(10)).resolves.toBeUndefined();
  expect(access).toMatchObject({ client: { workflow: 'theirs' }, eager: true, ui: { url: 'http://127.0.0.1:8233' } });
  expect(connection.operatorService).toBe('operators');
  expect(connection.workflowService).toBe('workflows');
});

it('says what keeps it from coming, and where it is expected', async () => {
  const { access, wait } = temporalToCome('default', 'temporal.example:7233');
  expect(access.address).toBe('temporal.example:7233');
  expect(await access.problem(10)).toBe('Temporal is still starting');
  wait('Nothing listens at temporal.example:7233');
  expect(await access.problem(10)).toBe('Nothing listens at temporal.example:7233');
  await expect(access.ping(10)).rejects.toThrow('Nothing listens at temporal.example:7233');
});
