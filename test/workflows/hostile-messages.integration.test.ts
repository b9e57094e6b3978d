import { RawValue } from '@temporalio/common';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { Step } from '../../language/definition.ts';
import { sampleEvent } from '../server/sample-event.ts';
import { startTemporalHost, type HostedRun, type TemporalHost } from './temporal-host.ts';

/* What anybody who reaches Temporal can send to a run, on a real server. Every task replays. */

let host: TemporalHost;
beforeAll(async () => {
  host = await startTemporalHost(inject('temporal'));
});
afterAll(() => host.stop());

const order: Step = { id: 'order', call: 'orders.create', undo: { call: 'orders.cancel' } };
const refund: Step = { id: 'refund', waitFor: 'payment.refunded', match: { 'event.entity': 'ours' }, timeout: '1h' };
const ask: Step = { id: 'ask', approve: 'Go on?', timeout: '1h' };
const ours = (more: object = {}) => sampleEvent({ id: 'ours', type: 'payment.refunded', entity: 'ours', ...more });

async function untilStatus(run: HostedRun, id: string, status: string): Promise<void> {
  await expect.poll(async () => (await run.progress())[id]?.status).toBe(status);
}

async function detailsOf(run: HostedRun): Promise<string> {
  const metadata = await run.handle.query<{ currentDetails?: string }>('__temporal_workflow_metadata');
  return metadata.currentDetails ?? '';
}

async function failedTasksOf(run: HostedRun): Promise<number> {
  const { events = [] } = await run.handle.fetchHistory();
  return (events ?? []).filter(
    ({ workflowTaskFailedEventAttributes: failed }) => failed !== null && failed !== undefined,
  ).length;
}

const bytes = (text: string) => new TextEncoder().encode(text);
interface RawPayload {
  metadata: Record<string, Uint8Array>;
  data: Uint8Array;
}
const payload = (encoding: string, data: string): RawPayload => ({
  metadata: { encoding: bytes(encoding) },
  data: bytes(data),
});

const reference = (data: string): RawPayload => ({
  metadata: {
    encoding: bytes('json/protobuf'),
    messageType: bytes('temporal.api.sdk.v1.ExternalStorageReference'),
  },
  data: bytes(data),
});
/** As the SDK's external storage writes them, and what makes it fail. */
const references = [
  reference(JSON.stringify({ driverName: 'aws.s3driver', claimData: { key: 'secret' } })),
  reference('{"driverName":'),
  reference('{}'),
  reference('null'),
  reference(''),
];

async function signalRaw(run: HostedRun, payloads: RawPayload[]): Promise<void> {
  await host.client.workflowService.signalWorkflowExecution({
    namespace: host.client.options.namespace,
    workflowExecution: { workflowId: run.handle.workflowId },
    signalName: 'event',
    input: { payloads },
    header: {
      fields: Object.fromEntries(
        payloads.flatMap((each) => [
          ['data', each],
          ['metadata', each],
        ]),
      ),
    },
  });
}

describe('a signal', () => {
  it('that is malformed is noted and dropped, and the run goes on', async () => {
    const run = await host.start({ steps: [order, refund], output: '{{steps.refund.id}}' });
    await untilStatus(run, 'refund', 'running');
    await run.handle.signal('event');
    await run.handle.signal('event', null);
    await run.handle.signal('event', []);
    await run.handle.signal('event', 'payment.refunded');
    await run.handle.signal('event', { type: 'payment.refunded' });
    await run.handle.signal('event', JSON.parse('{"__proto__": {"type": "payment.refunded"}, "constructor": 1}'));
    await run.handle.signal('event', { ...ours(), payment: { amount: '5' } });
    await run.handle.signal('event', ours(), ours());
    await run.handle.signal('event', ours({ type: 'payment.disputed' }));
    await run.handle.signal('unheard-of', { any: 'thing' });
    await run.handle.signal('__temporal_odd', 1);
    expect(await detailsOf(run)).toContain('⚠️ Dropped a signal "event": The event must be an object, got a list');
    await run.handle.signal('event', ours());
    expect(await run.handle.result()).toBe('ours');
    expect(run.calls.map(({ key }) => key)).toEqual(['order']);
    expect(await failedTasksOf(run)).toBe(0);
  });

  it('that is no JSON neither fails the run nor blocks it', async () => {
    const run = await host.start({ steps: [refund], output: '{{steps.refund.id}}' });
    await untilStatus(run, 'refund', 'running');
    await signalRaw(run, [payload('binary/plain', '\u0000\u0001')]);
    await signalRaw(run, [payload('json/protobuf', '{}')]);
    await signalRaw(run, [payload('sealed/aes', 'xyz')]);
    await signalRaw(run, [payload('json/plain', '{"half":')]);
    await signalRaw(run, [payload('json/plain', `${'['.repeat(50_000)}${']'.repeat(50_000)}`)]);
    await signalRaw(run, [{ metadata: {}, data: bytes('{}') }]);
    await signalRaw(run, [payload('json/plain', JSON.stringify(ours())), payload('sealed/aes', 'xyz')]);
    await signalRaw(run, []);
    expect(await detailsOf(run)).toContain('The event must be an object, got nothing that is JSON');
    await run.handle.signal('event', ours());
    expect(await run.handle.result()).toBe('ours');
    expect(await failedTasksOf(run)).toBe(0);
  });

  it.each(references)(
    'that refers to a value stored elsewhere neither fails the run nor blocks it (%#)',
    async (payload) => {
      const run = await host.start({ steps: [refund], output: '{{steps.refund.id}}' });
      await untilStatus(run, 'refund', 'running');
      await signalRaw(run, [payload]);
      await signalRaw(run, [{ ...payload, data: new Uint8Array(100_000) }]);
      expect(await detailsOf(run)).toContain('The event must be an object, got nothing that is JSON');
      await run.handle.signal('event', ours());
      expect(await run.handle.result()).toBe('ours');
      expect(await failedTasksOf(run)).toBe(0);
    },
  );

  it('may come in floods of large events, and the run takes the one that it waits for', async () => {
    const run = await host.start({ steps: [refund], output: '{{steps.refund.id}}' });
    await untilStatus(run, 'refund', 'running');
    const large = (id: string) => ours({ id, entity: 'theirs', data: 'x'.repeat(90_000) });
    await Promise.all(Array.from({ length: 20 }, (_, index) => run.handle.signal('event', large(`other-${index}`))));
    await run.handle.signal('event', ours({ data: 'x'.repeat(1_500_000) }));
    expect(await detailsOf(run)).toContain('"data" has more than 100000 characters as JSON');
    await run.handle.signal('event', ours());
    expect(await run.handle.result()).toBe('ours');
  });
});

const update = (run: HostedRun, name: string, args: unknown[]) =>
  run.handle.executeUpdate<unknown, [unknown, ...unknown[]]>(name, { args: args as [unknown, ...unknown[]] });

describe('an update', () => {
  it.each<[name: string, args: unknown[], message: string]>([
    ['decide', [{ step: 'ask', approved: 'false', by: 'ana' }], '"approved" must be true or false, got a text'],
    ['decide', [{ step: 'ask', approved: true }], '"by" is missing'],
    ['decide', [{ step: 'ask', approved: true, by: 'a', reason: 'x'.repeat(2_001) }], '"reason" has 2001 characters'],
    ['decide', [{ step: 'else', approved: true, by: 'ana' }], 'Step "else" is not waiting for approval'],
    ['decide', [], 'Expected one argument, the decision, got 0'],
    ['retry', [{ step: 'pay', now: true }], 'The command has the unknown member "now"'],
    ['setResult', [{ step: 'pay' }], '"result" is missing'],
    ['editInput', [{ step: 'pay', input: [] }], '"input" must be an object'],
    ['skip', [null], 'The command must be an object, got null'],
    ['skip', [{ step: 'ask' }], 'Step "ask" takes no command now'],
    ['setResult', [{ step: 'ask', result: { approved: true } }], 'Step "ask" takes no command now'],
    ['pause', [{ by: '' }], '"by" must be a name without control characters'],
    ['pause', ['now'], 'The command must be an object, got a text'],
    ['resume', [], 'The run is not paused'],
  ])('%s is rejected without a trace in history (%#)', async (name, args, message) => {
    const run = await host.start({ steps: [ask], output: '{{steps.ask.approved}}' });
    await untilStatus(run, 'ask', 'running');
    await expect(update(run, name, args)).rejects.toMatchObject({
      cause: { message: expect.stringContaining(message) },
    });
    await run.handle
      .executeUpdate('decide', { args: [{ step: 'ask', approved: false, by: 'ana' }] })
      .catch(() => undefined);
    await expect(run.handle.result()).rejects.toMatchObject({
      cause: { type: 'Rejected', message: 'Step "ask": ana rejected it' },
    });
    const { events } = await run.handle.fetchHistory();
    const accepted = (events ?? []).filter((each) => each.workflowExecutionUpdateAcceptedEventAttributes);
    expect(accepted).toHaveLength(1);
  });

  it.each(references)(
    'that refers to a value stored elsewhere is rejected, and the run goes on (%#)',
    async (payload) => {
      const run = await host.start({ steps: [ask], output: '{{steps.ask.approved}}' });
      await untilStatus(run, 'ask', 'running');
      await expect(update(run, 'decide', [RawValue.fromPayload(payload)])).rejects.toMatchObject({
        cause: { message: expect.stringContaining('The decision must be an object, got nothing that is JSON') },
      });
      await run.handle.executeUpdate('decide', { args: [{ step: 'ask', approved: true, by: 'ana' }] });
      expect(await run.handle.result()).toBe(true);
      expect(await failedTasksOf(run)).toBe(0);
    },
  );

  it('steers a parked step only if it is well-formed', async () => {
    const declined = { error: { type: 'CardDeclined', message: 'no money' } };
    const pay: Step = { id: 'pay', call: 'orders.create' };
    const run = await host.start(
      { onFail: 'park', steps: [pay], output: '{{steps.pay}}' },
      { answers: { pay: [declined] } },
    );
    await untilStatus(run, 'pay', 'parked');
    const set = (command: unknown) => run.handle.executeUpdate('setResult', { args: [command] });
    await expect(set({ step: 'pay', value: 'done' })).rejects.toThrow();
    await expect(set({ step: 'pay', result: 'x'.repeat(300_000) })).rejects.toThrow();
    expect((await run.progress()).pay?.status).toBe('parked');
    await set({ step: 'pay', result: { id: 'by hand' } });
    expect(await run.handle.result()).toEqual({ id: 'by hand' });
  });
});

describe('a query', () => {
  it('answers whatever its arguments are', async () => {
    const run = await host.start({ steps: [ask] });
    await untilStatus(run, 'ask', 'running');
    expect(await run.handle.query('progress', null, {}, 'x'.repeat(100_000))).toMatchObject([
      { id: 'ask', status: 'running' },
    ]);
    const { queryResult } = await host.client.workflowService.queryWorkflow({
      namespace: host.client.options.namespace,
      execution: { workflowId: run.handle.workflowId },
      query: { queryType: 'plan', queryArgs: { payloads: [payload('sealed/aes', 'xyz'), ...references] } },
    });
    expect(Buffer.from(queryResult?.payloads?.[0]?.data ?? []).toString()).toContain('"id":"ask"');
    await expect(run.handle.query('secrets')).rejects.toThrow('did not register a handler for secrets');
    await run.handle.executeUpdate('decide', { args: [{ step: 'ask', approved: true, by: 'ana' }] });
    await run.handle.result();
    expect(await failedTasksOf(run)).toBe(0);
  });
});

it('fails with half a character in its message, instead of failing its task forever', async () => {
  const run = await host.start(
    { steps: [order, { id: 'end', fail: 'no {{event.data.name}}' }] },
    { event: { data: { name: 'half \ud83d' } } },
  );
  await expect(run.handle.result()).rejects.toMatchObject({
    cause: { type: 'Failed', message: 'no half \uFFFD' },
  });
  expect(run.calls.map(({ key }) => key)).toEqual(['order', 'order/undo']);
});
