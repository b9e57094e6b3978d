import { expect, it } from 'vitest';
import type { Definition, Step } from '../../language/definition.ts';
import type { CanonicalEvent } from '../../language/event.ts';
import type { Json } from '../../language/json.ts';
import { createInterpreter } from '../../workflows/interpreter.ts';
import { RunError } from '../../workflows/run-error.ts';
import { sampleEvent } from '../server/sample-event.ts';
import { Canceled, fakeEffects } from './fake-effects.ts';

function run(
  definition: Omit<Definition, 'name' | 'on'>,
  results: Record<string, Json | Error> = {},
  event: Partial<CanonicalEvent> = {},
  vars: Record<string, Json> = {},
) {
  const host = fakeEffects(results);
  const input = {
    definition: { name: 'demo', on: { event: 'payment.succeeded' }, ...definition },
    definitionHash: 'hash',
    event: sampleEvent(event),
    localActivities: ['orders.create'],
    vars,
  };
  const changes: string[] = [];
  const interpreter = createInterpreter({
    input,
    runId: 'demo/stripe/evt_1',
    effects: host.effects,
    observer: { changed: () => changes.push(Object.values(interpreter.state.status).join(' ')) },
  });
  const finished = interpreter.execute().then((outcome) => (outcome.kind === 'completed' ? outcome.output : outcome));
  return { ...host, ...interpreter, changes, finished };
}

const order: Step = {
  id: 'order',
  call: 'orders.create',
  with: { reference: '{{event.payment.orderId}}', amount: '{{event.payment.amount}}' },
};

it('calls activities in order with rendered input and gives their outputs to later steps', async () => {
  const { finished, calls } = run(
    {
      steps: [order, { id: 'cashback', call: 'cashback.grant', with: { orderId: '{{steps.order.id}}' } }],
      output: { orderId: '{{steps.order.id}}' },
    },
    { order: { id: 'ord_1' } },
  );
  expect(await finished).toEqual({ orderId: 'ord_1' });
  expect(calls).toEqual([
    {
      key: 'order',
      stepId: 'order',
      activity: 'orders.create',
      input: { reference: 'ORDER-1', amount: 2_500_000 },
      summary: 'order',
      timeoutMs: 30_000,
      deadlineMs: null,
      heartbeatMs: 10_000,
      retry: { attempts: 20, firstMs: 1_000, factor: 2, maxMs: 300_000, except: [] },
    },
    expect.objectContaining({ stepId: 'cashback', input: { orderId: 'ord_1' } }),
  ]);
});

it('lets a step override its definition’s limits, and a definition the defaults', async () => {
  const { finished, calls } = run({
    defaults: { timeout: '10s', retry: { attempts: 3, max: '20s' } },
    steps: [{ ...order, retry: { attempts: 5 } }],
  });
  await finished;
  expect(calls[0]).toMatchObject({
    timeoutMs: 10_000,
    retry: { attempts: 5, firstMs: 1_000, factor: 2, maxMs: 20_000 },
  });
});

it('skips a step whose guard is false; its output is null and its status says so', async () => {
  const { finished, calls, state } = run({
    steps: [{ ...order, if: { '>': [{ var: 'event.payment.amount' }, 9_000_000] } }],
    output: { order: '{{steps.order}}', status: '{{status.order}}' },
  });
  expect(await finished).toEqual({ order: null, status: 'skipped' });
  expect(calls).toEqual([]);
  expect(state.status).toEqual({ order: 'skipped' });
});

it('takes one branch of an if and skips everything below the other', async () => {
  const { finished, state } = run({
    steps: [
      {
        id: 'large',
        if: { '>': [{ var: 'event.payment.amount' }, 1] },
        then: [{ id: 'yes', set: { size: 'large' } }],
        else: [{ id: 'no', if: true, then: [{ id: 'deep', call: 'orders.create' }] }],
      },
    ],
    output: { size: '{{vars.size}}', deep: '{{steps.deep}}' },
  });
  expect(await finished).toEqual({ size: 'large', deep: null });
  expect(state.status).toEqual({ large: 'done', yes: 'done', no: 'skipped', deep: 'skipped' });
});

it('emits through the outbound activity', async () => {
  const { finished, calls } = run({
    steps: [{ id: 'tell', emit: 'order.created', with: { max: { '+': [1, 2] } } }],
  });
  await finished;
  expect(calls[0]).toMatchObject({ activity: 'outbound.emit', input: { type: 'order.created', data: { max: 3 } } });
});

it('waits for a duration and until an instant, but not until one that has passed', async () => {
  const { finished, sleeps } = run({
    steps: [
      { id: 'pause', wait: '90s' },
      { id: 'soon', wait: { until: '2026-01-01T08:00:00+07:00' }, title: 'opening time' },
      { id: 'later', wait: { until: '2026-01-01T01:01:30.000Z' } },
    ],
  });
  await finished;
  expect(sleeps).toEqual([
    { ms: 90_000, summary: 'pause' },
    { ms: 3_510_000, summary: 'soon: opening time' },
    { ms: 90_000, summary: 'later' },
  ]);
});

it.each([
  ['not an instant', 'tomorrow', 'Step "pause": until expects an RFC 3339 instant, got "tomorrow"'],
  ['years away', '2062-01-01T00:00:00Z', 'Step "pause": until is more than 366 days away'],
])('fails a wait until what is %s', async (_what, until, message) => {
  const { finished } = run({ steps: [{ id: 'pause', wait: { until } }] });
  await expect(finished).rejects.toThrow(message);
});

it('sets vars from the values before the step', async () => {
  const { finished } = run({
    steps: [
      { id: 'first', set: { a: 1, b: 2 } },
      { id: 'swap', set: { a: '{{vars.b}}', b: '{{vars.a}}' } },
    ],
    output: '{{vars}}',
  });
  expect(await finished).toEqual({ a: 2, b: 1 });
});

it('runs parallel branches at once and joins them', async () => {
  const { finished, changes } = run({
    steps: [
      {
        id: 'notify',
        parallel: [
          { id: 'mail', call: 'mail.send' },
          { id: 'hook', emit: 'order.created' },
        ],
      },
    ],
  });
  await finished;
  expect(changes).toContain('running running running');
  expect(changes.at(-1)).toBe('done done done');
});

it('fails the run with the step, the activity and the reason', async () => {
  const cause = new Error('card declined');
  const { finished, state } = run({ steps: [order, { id: 'next', call: 'mail.send' }] }, { order: cause });
  const error = await finished.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(RunError);
  expect(error).toMatchObject({
    type: 'Error',
    stepId: 'order',
    message: 'Step "order" (orders.create) failed: card declined',
    cause,
  });
  expect(state.status).toEqual({ order: 'failed', next: 'pending' });
});

it('fails at once on a missing path, naming the step and the path', async () => {
  const { finished, calls } = run({
    steps: [{ id: 'order', call: 'orders.create', with: { amount: '{{event.payment.amout}}' } }],
  });
  const error = await finished.catch((reason: unknown) => reason);
  expect(error).toMatchObject({ type: 'ExpressionFailed', stepId: 'order' });
  expect(String(error)).toContain('event.payment.amout');
  expect(calls).toEqual([]);
});

it('never takes a missing amount for a small one: a guard over it fails the run', async () => {
  const { finished, calls } = run({
    steps: [{ ...order, if: { '<=': [{ var: 'event.payment.missing' }, 0] } }],
  });
  await expect(finished).rejects.toMatchObject({ type: 'ExpressionFailed', stepId: 'order' });
  expect(calls).toEqual([]);
});

it('lets a cancellation through unchanged and marks the step as canceled', async () => {
  const canceled = new Canceled();
  const { finished, state } = run({ steps: [order] }, { order: canceled });
  await expect(finished).rejects.toBe(canceled);
  expect(state.status).toEqual({ order: 'canceled' });
  expect(state.errors).toEqual({});
});

it('keeps a step called __proto__ or constructor apart from the members of Object.prototype', async () => {
  const { finished } = run({
    steps: [{ id: 'constructor', set: JSON.parse('{"__proto__": 5}') as Record<string, Json> }],
    output: { status: '{{status.constructor}}' },
  });
  expect(await finished).toEqual({ status: 'done' });
});

const asked = (http: string | { raw: string }): Step => ({
  id: 'ask',
  http,
  undo: { http: 'https://shop.example/{{event.data.id}}', method: 'DELETE' },
});

it('encodes what an event puts into a URL, in an undo and a handler too', async () => {
  const late: Step = { id: 'late', http: 'https://shop.example/{{event.data.id}}?late={{event.data.id}}' };
  const { finished, calls } = run(
    {
      vars: { shop: 'https://shop.example/v2' },
      steps: [
        asked('{{vars.shop}}/{{event.data.id}}'),
        { id: 'wait', approve: 'Go on?', timeout: '1h', onTimeout: [late] },
        { id: 'raw', http: { raw: 'https://shop.example/{{event.data.id}}' } },
        { id: 'end', fail: 'to undo' },
      ],
    },
    {},
    { data: { id: '../a?b&c' } },
  );
  await expect(finished).rejects.toThrow('to undo');
  expect(calls.map(({ key, input }) => [key, input.url])).toEqual([
    ['ask', 'https://shop.example/v2/..%2Fa%3Fb%26c'],
    ['late', 'https://shop.example/..%2Fa%3Fb%26c?late=..%2Fa%3Fb%26c'],
    ['raw', 'https://shop.example/../a?b&c'],
    ['ask/undo', 'https://shop.example/..%2Fa%3Fb%26c'],
  ]);
});

it.each<[string, Json]>([
  ['its text', '{{event.data.note}}'],
  ['an expression', { var: 'event.data.note' }],
  ['a name in it', { secret: '{{event.data.note.secret}}' }],
  ['data', { literal: { secret: 'KAIT_SECRET_SHOP' } }],
])('lets no event choose the secret of a header by %s', async (_how, template) => {
  const ask: Step = { id: 'ask', http: 'https://shop.example/', headers: { 'x-note': template } };
  const event = { data: { note: { secret: 'KAIT_SECRET_SHOP' } } };
  const { finished, calls } = run({ steps: [ask] }, {}, event);
  await expect(finished).rejects.toMatchObject({
    type: 'ExpressionFailed',
    stepId: 'ask',
    message: 'Step "ask": The header "x-note" is an object. It must be a text.',
  });
  expect(calls).toEqual([]);
});

it('leaves the secret that the definition names to the activity', async () => {
  const headers = { authorization: { secret: 'KAIT_SECRET_SHOP' }, 'x-note': '{{event.data.note}}' };
  const ask: Step = { id: 'ask', http: 'https://shop.example/', headers };
  const { finished, calls } = run({ steps: [ask] }, {}, { data: { note: 'hi' } });
  await finished;
  expect(calls[0]?.input.headers).toEqual({ authorization: { secret: 'KAIT_SECRET_SHOP' }, 'x-note': 'hi' });
});

it.each<[string, Partial<Definition>, Record<string, Json>]>([
  ['a step sets it', { steps: [{ id: 'move', set: { shop: 'https://evil.example' } }, asked('{{vars.shop}}/')] }, {}],
  ['another run sets it', { steps: [asked('{{vars.shop}}/')] }, { shop: 'https://evil.example' }],
  ['it is not plain text', { vars: { shop: '{{event.source}}' }, steps: [asked('{{vars.shop}}/')] }, {}],
])('sends nothing to the host in a variable if %s', async (_why, definition, vars) => {
  const given = { vars: { shop: 'https://shop.example' }, steps: [], ...definition };
  const { finished, calls } = run(given, {}, {}, vars);
  await expect(finished).rejects.toMatchObject({
    type: 'ExpressionFailed',
    stepId: 'ask',
    message: 'Step "ask": {{vars.shop}} stands where the host of this URL is, which only plain text can choose.',
  });
  expect(calls).toEqual([]);
});

const asking: Step = { id: 'tell', emit: 'order.created', await: { ack: '1h' }, onTimeout: 'continue' };
const message = { messageId: 'msg_1', deliveries: 1 };

it.each<[string, Step, Record<string, Json | Error>, string[]]>([
  ['was canceled', asking, { tell: message, 'tell/outcome': new Canceled() }, ['tell/outcome']],
  ['cannot be told the answer', asking, { tell: message, 'tell/outcome': new Error('broken') }, ['tell/outcome']],
  ['has the answer', asking, { tell: message, 'tell/outcome': { ack: 1, by: 'ep_1' } }, []],
  ['could not emit', asking, { tell: new Error('broken') }, []],
  ['has nobody to ask', asking, { tell: { messageId: 'msg_1', deliveries: 0 } }, []],
  [
    'waits for its deliveries',
    { ...asking, await: 'delivered' },
    { tell: message, 'tell/outcome': new Canceled() },
    [],
  ],
])('lets receivers answer no longer if the step %s', async (_why, step, results, keys) => {
  const { finished, closed } = run({ steps: [step] }, results);
  await finished.catch(() => undefined);
  expect(closed).toEqual(keys);
});

it.each([
  [undefined, { closes: false }],
  [[{ id: 'sorry', set: { told: false } }] as Step[], { closes: true }],
])('lets receivers answer after all deliveries have failed, unless it goes on then', async (onExhausted, input) => {
  const step = { ...asking, ...(onExhausted && { onExhausted }) };
  const { finished, calls } = run({ steps: [step] }, { tell: message, 'tell/outcome': { ack: 1, by: 'ep_1' } });
  await finished;
  expect(calls.map(({ key, input }) => [key, input])).toEqual([
    ['tell', { type: 'order.created', data: {}, ackUntil: '2026-01-01T01:00:00.000Z' }],
    ['tell/outcome', input],
  ]);
});
