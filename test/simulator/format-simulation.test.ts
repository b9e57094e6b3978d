import { expect, it } from 'vitest';
import { formatSimulation } from '../../simulator/format-simulation.ts';
import { runDefinition } from './run-definition.ts';

it('shows a run at a glance', async () => {
  const simulation = await runDefinition(
    {
      steps: [
        { id: 'order', call: 'orders.create', undo: { call: 'orders.cancel' } },
        { id: 'cashback', if: { '>': [{ var: 'event.payment.amount' }, 9_000_000] }, call: 'cashback.grant' },
        { id: 'notify', parallel: [{ id: 'tell', emit: 'order.created' }] },
        { id: 'refund', waitFor: 'payment.refunded', timeout: '24h', onTimeout: 'continue' },
        { id: 'pay', http: 'https://pay.example', retry: { attempts: 2 } },
      ],
    },
    { mocks: { order: { id: 'a\u001b[2J' }, pay: { error: { type: 'Away', message: 'later\u202e' } } } },
  );
  expect(formatSimulation(simulation).split('\n')).toEqual([
    '+0s           ✔ order     orders.create  → {"id":"a\\u001b[2J"}',
    '+0s           – cashback  cashback.grant',
    '                  if is false: event.payment.amount (2500000) > 9000000',
    '+0s           ✔ notify    parallel  → {"done":["tell"],"failed":[]}',
    '+0s           ✔   tell    emit order.created',
    '                    input {"type":"order.created","data":{}}',
    '+0s → +1d     ◷ refund    waitFor payment.refunded within 24h',
    '+1d → +1d 1s  ✘ pay       http GET https://pay.example  Away: later\uFFFD',
    '                  input {"url":"https://pay.example"}',
    '                  attempt 1 +1d Away: later\uFFFD',
    '                  attempt 2 +1d 1s Away: later\uFFFD',
    '+1d 1s        ↩ undo order  orders.cancel',
    '',
    'failed after 1d 1s  Away: Step "pay" (http.request) failed: later\uFFFD',
  ]);
});

it('shows the output, what is made up, and what could not be carried out', async () => {
  const simulation = await runDefinition(
    { steps: [{ id: 'pause', wait: '1m' }], output: { ok: true } },
    { script: [{ at: '+1h', cancel: true }] },
  );
  expect(formatSimulation(simulation).split('\n')).toEqual([
    '+0s → +1m  ✔ pause  wait 1m',
    '+1h cancel: The run had ended by then.',
    '',
    'completed after 1m',
    'output {"ok":true}',
  ]);
});

it('leaves most of many iterations out', async () => {
  const { trace, ...rest } = await runDefinition({
    steps: [{ id: 'loop', while: { '<': [{ var: 'index' }, 9] }, max: 9, do: [{ id: 'nothing', set: { a: 1 } }] }],
  });
  expect(
    formatSimulation({ ...rest, trace: trace.slice(0, 1) })
      .split('\n')
      .slice(0, 8),
  ).toEqual([
    '+0s  ✔ loop  while at most 9 times  → {"iterations":9}',
    ...[0, 1, 2, 3, 4, 5].map((index) => `         while is true: index (${index}) < 9`),
    '         … 4 more',
  ]);
});

it('colours by a painter of the caller', async () => {
  const simulation = await runDefinition({ steps: [{ id: 'a', set: { a: 1 } }] });
  const painted = formatSimulation(simulation, (style, text) => `<${style}>${text}</${style}>`);
  expect(painted).toBe('<faint>+0s</faint>  <good>✔</good> a  set a\n\n<good>completed</good> after 0s');
});
