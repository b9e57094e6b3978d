import type { Definition, Step } from '../../language/definition.ts';
import type { CanonicalEvent } from '../../language/event.ts';
import type { Json, JsonObject } from '../../language/json.ts';
import { sampleEvent } from '../server/sample-event.ts';
import { hostedHash, type HostedDefinition, type HostedRun, type RunOptions } from '../workflows/temporal-host.ts';

/** A run that is recorded once from a real server and replayed forever after. */
export interface HistoryCase {
  /** The file's name. */
  name: string;
  definition: HostedDefinition;
  options?: RunOptions;
  /** Sends events and answers to the running run. */
  meanwhile?: (run: HostedRun) => Promise<unknown>;
  /** Begins with that while activities are under way. */
  whileCalling?: true;
}

const declined = { error: { type: 'CardDeclined', message: 'no money' } };
const away = { error: { type: 'ReceiverUnavailable', message: 'later', retryable: true } };
const value = (json: string) => [{ value: json }];
const notYet = (type: string) => ({ error: { type, message: 'not yet', retryable: true } });
const emitted = [{ value: { messageId: 'msg_1', deliveries: 1 } }];
const gone = { endpoint: 'ep_1', state: 'refused', status: 410 };
const call = (id: string): Step => ({ id, call: 'orders.create', with: { sku: id, of: '{{event.id}}' } });
const undoable = (id: string): Step => ({
  ...call(id),
  undo: { call: 'orders.cancel', with: { order: `{{steps.${id}}}`, at: '{{event.occurredAt}}' } },
});

/**
 * At least one for each verb. Never change a recorded case: add another. A history belongs to an old run, and today's
 * interpreter must be able to continue it.
 */
export const verbCases: HistoryCase[] = [
  {
    name: 'call-local-and-ordinary-with-retries',
    definition: { steps: [call('order'), { id: 'receipt', call: 'mail.send', with: { order: '{{steps.order}}' } }] },
    options: { local: ['orders.create'], answers: { order: value('ord_1'), receipt: [away, { value: 'sent' }] } },
  },
  {
    name: 'http',
    definition: {
      steps: [
        {
          id: 'ask',
          http: 'https://shop.example/orders/{{event.payment.orderId}}',
          headers: { authorization: { secret: 'KAIT_SECRET_SHOP' } },
          query: { amount: '{{event.payment.amount}}' },
        },
      ],
    },
  },
  {
    name: 'emit',
    definition: { steps: [{ id: 'tell', emit: 'order.created', with: { amount: '{{event.payment.amount}}' } }] },
    options: { local: ['outbound.emit'] },
  },
  {
    name: 'emit-waits-for-its-deliveries',
    definition: {
      steps: [
        {
          ...{ id: 'tell', emit: 'order.created', await: 'delivered' },
          onExhausted: [{ id: 'sorry', set: { missed: '{{steps.tell.failed}}' } }],
        },
      ],
      output: '{{vars.missed}}',
    },
    options: {
      ...{ local: ['outbound.emit'] },
      answers: {
        tell: emitted,
        'tell/outcome': [notYet('DeliveryPending'), { value: { delivered: 0, failed: [gone] } }],
      },
    },
  },
  {
    name: 'emit-waits-for-an-answer',
    definition: {
      steps: [{ id: 'tell', emit: 'order.created', await: { ack: '24h' }, onTimeout: [call('chase')] }],
      output: '{{steps.tell.ack}}',
    },
    options: {
      ...{ local: ['outbound.emit'] },
      answers: {
        tell: emitted,
        'tell/outcome': [
          notYet('AnswerPending'),
          { value: { delivered: 1, failed: [], ack: { ok: true }, by: 'ep_1' } },
        ],
      },
    },
  },
  {
    name: 'emit-waits-for-an-answer-until-the-deadline-of-its-group',
    definition: {
      steps: [
        {
          ...{ id: 'group', deadline: '30m', onTimeout: 'continue' },
          do: [{ id: 'tell', emit: 'order.created', await: { ack: '24h' } }],
        },
      ],
    },
    options: {
      ...{ local: ['outbound.emit'] },
      answers: { tell: emitted, 'tell/outcome': Array.from({ length: 500 }, () => notYet('AnswerPending')) },
    },
  },
  {
    name: 'wait',
    definition: {
      steps: [
        { id: 'pause', wait: '24h', title: 'cooling off' },
        { id: 'passed', wait: { until: '2026-01-01T00:00:00Z' } },
      ],
    },
  },
  {
    name: 'wait-for-event',
    definition: { steps: [refund()], output: '{{steps.refund.id}}' },
    meanwhile: (run) => run.handle.signal('event', refundEvent()),
  },
  {
    name: 'wait-for-timeout-with-steps',
    definition: { steps: [refund([{ id: 'note', set: { late: true } }])], output: '{{vars.late}}' },
  },
  {
    name: 'approve-yes',
    definition: { steps: [{ id: 'ok', approve: 'Refund {{event.payment.amount}}?', timeout: '48h' }] },
    meanwhile: (run) => run.handle.executeUpdate('decide', { args: [{ step: 'ok', approved: true, by: 'ana' }] }),
  },
  {
    name: 'approve-timeout',
    definition: { steps: [{ id: 'ok', approve: 'Refund?', timeout: '48h', onTimeout: 'continue' }] },
  },
  {
    name: 'parallel-all',
    definition: { steps: [{ id: 'both', parallel: [call('one'), { id: 'two', call: 'mail.send' }] }] },
    options: { local: ['orders.create'] },
  },
  {
    name: 'parallel-all-fails',
    definition: {
      steps: [{ id: 'both', parallel: [{ id: 'long', wait: '7d' }, { id: 'bad', call: 'mail.send' }] }],
    },
    options: { answers: { bad: [declined] } },
  },
  {
    name: 'parallel-settle',
    definition: { steps: [{ id: 'both', join: 'settle', parallel: [call('good'), { id: 'bad', call: 'mail.send' }] }] },
    options: { answers: { bad: [declined] } },
  },
  {
    name: 'parallel-first-undoes-losers',
    definition: {
      steps: [
        {
          id: 'race',
          join: 'first',
          parallel: [
            { id: 'slow', do: [undoable('reserve'), { id: 'long', wait: '1h' }] },
            { id: 'fast', do: [{ id: 'moment', wait: '1m' }, call('win')] },
          ],
        },
      ],
    },
  },
  {
    name: 'parallel-quorum-undoes-losers',
    definition: {
      steps: [
        {
          id: 'offers',
          join: { count: 2 },
          parallel: [
            { id: 'slow', do: [undoable('reserve'), { id: 'long', wait: '1h' }] },
            { id: 'one', do: [{ id: 'moment', wait: '1m' }, call('win')] },
            { id: 'two', do: [{ id: 'later', wait: '2m' }, call('win-too')] },
            { id: 'three', fail: 'no' },
          ],
        },
      ],
      output: '{{steps.offers}}',
    },
  },
  {
    name: 'deadlines-of-a-group-and-of-a-run',
    definition: {
      deadline: '2h',
      steps: [
        undoable('before'),
        {
          id: 'group',
          deadline: '1h',
          undoOnTimeout: true,
          onTimeout: [call('late')],
          do: [undoable('reserve'), { id: 'long', wait: '90m' }],
        },
        { id: 'rest', wait: '2h' },
      ],
      afterUndo: [{ id: 'tell', call: 'mail.send', with: { why: '{{error.message}}', left: '{{error.notUndone}}' } }],
    },
  },
  {
    name: 'for-each-concurrent-collect',
    definition: {
      steps: [
        {
          id: 'lines',
          forEach: { in: ['a', 'b', 'c', 'd', 'e'], as: 'line', concurrency: 2, collect: '{{line}}-{{steps.pay}}' },
          do: [{ id: 'pay', call: 'mail.send', with: { line: '{{line}}', position: '{{index}}' } }],
        },
      ],
      output: '{{steps.lines.results}}',
    },
    options: { answers: Object.fromEntries([0, 1, 2, 3, 4].map((index) => [`pay/${index}`, value(`p${index}`)])) },
  },
  {
    name: 'for-each-handles-an-item',
    definition: {
      steps: [
        {
          id: 'lines',
          forEach: { in: ['a', 'b'], onItemError: [{ id: 'tell', call: 'mail.send', with: { why: '{{error.type}}' } }] },
          do: [call('pay')],
        },
      ],
    },
    options: { answers: { 'pay/0': [declined] } },
  },
  {
    name: 'while',
    definition: {
      steps: [
        {
          id: 'loop',
          while: { '!=': [{ var: ['steps.poll', null] }, 'ready'] },
          max: 5,
          do: [{ id: 'poll', call: 'mail.send', with: { attempt: '{{index}}' } }, { id: 'pause', wait: '10m' }],
        },
      ],
    },
    options: { answers: { 'poll/0': value('busy'), 'poll/1': value('ready') } },
  },
  {
    name: 'if-and-switch',
    definition: {
      steps: [
        {
          id: 'large',
          if: { '>': [{ var: 'event.payment.amount' }, 1] },
          then: [call('yes')],
          else: [call('no')],
        },
        {
          id: 'which',
          switch: [{ when: { '==': [1, 2] }, do: [call('never')] }],
          default: [{ id: 'otherwise', call: 'mail.send', with: { yes: '{{status.yes}}' } }],
        },
      ],
    },
  },
  {
    name: 'try-catch-finally',
    definition: {
      steps: [
        {
          id: 'guarded',
          try: [{ id: 'pay', call: 'orders.create' }],
          catch: [{ errors: ['CardDeclined'], do: [{ id: 'tell', call: 'mail.send', with: { why: '{{error.message}}' } }] }],
          finally: [call('always')],
        },
      ],
    },
    options: { answers: { pay: [declined] } },
  },
  {
    name: 'run-waiting-and-detached',
    definition: {
      steps: [
        { id: 'greeting', run: 'greet', with: { name: '{{event.payment.customer.name}}' } },
        { id: 'beside', run: 'greet', detach: true },
      ],
      output: ['{{steps.greeting}}', '{{steps.beside}}'],
    },
    options: {
      children: { greet: { vars: { name: 'nobody' }, steps: [{ id: 'hello', wait: '1m' }], output: 'hello {{vars.name}}' } },
    },
  },
  {
    name: 'set-do-and-stop',
    definition: {
      steps: [
        { id: 'group', do: [{ id: 'first', set: { a: 1, b: { '+': [1, 1] } } }, { id: 'enough', if: { '==': [{ var: 'vars.b' }, 2] }, stop: 'done' }] },
        call('never'),
      ],
      output: ['{{vars}}', '{{status.never}}'],
    },
  },
  {
    name: 'fail-undoes',
    definition: {
      steps: [undoable('one'), undoable('two'), { id: 'bad', fail: 'no stock for {{event.id}}', type: 'OutOfStock' }],
    },
    options: { answers: { one: value('o1'), two: value('o2'), 'two/undo': [away, { value: null }] } },
  },
  {
    name: 'canceled-undoes',
    definition: { steps: [undoable('one'), { id: 'ok', approve: 'Go on?', timeout: '7d' }] },
    options: { answers: { one: value('o1') } },
    meanwhile: (run) => run.handle.cancel(),
  },
  {
    name: 'parked-and-retried',
    definition: { onFail: 'park', steps: [{ id: 'pay', call: 'mail.send' }, call('next')] },
    options: { answers: { pay: [declined, { value: 'paid' }] } },
    meanwhile: (run) => run.handle.executeUpdate('retry', { args: [{ step: 'pay' }] }),
  },
  {
    name: 'retried-edited-and-set-by-an-operator',
    definition: {
      onFail: 'park',
      steps: [
        { id: 'slow', call: 'mail.send', with: { to: 1 }, retry: { attempts: 9, first: '1h', max: '1h' } },
        { id: 'lost', call: 'mail.send' },
        { id: 'cooling', wait: '7d' },
        call('next'),
      ],
      output: ['{{steps.slow}}', '{{steps.lost}}', '{{status.cooling}}'],
    },
    options: { answers: { slow: [away, { value: 'sent' }], lost: [declined] } },
    whileCalling: true,
    async meanwhile(run) {
      await accepted(() => run.handle.executeUpdate('editInput', { args: [{ step: 'slow', input: { to: 2 } }] }));
      await accepted(() => run.handle.executeUpdate('setResult', { args: [{ step: 'lost', result: 'by hand' }] }));
      await accepted(() => run.handle.executeUpdate('skip', { args: [{ step: 'cooling', by: 'ana' }] }));
    },
  },
  {
    name: 'migrated-while-it-waits',
    definition: { steps: [undoable('order'), refund(), call('old')] },
    options: { answers: { order: value('o1') } },
    async meanwhile(run) {
      const steps = [undoable('order'), { ...refund(), title: 'The refund' }, { ...call('new'), with: { note: '{{vars.note}}' } } as Step];
      await accepted(() => run.handle.executeUpdate('migrate', migrationTo({ steps, vars: { note: 'added' } })));
      await run.handle.signal('event', refundEvent());
    },
  },
  {
    name: 'migrated-while-it-is-parked-and-paused',
    definition: {
      onFail: 'park',
      steps: [{ id: 'all', forEach: { in: [1, 2] }, do: [{ id: 'pay', call: 'mail.send', with: { to: 1 } }] }],
    },
    options: { answers: { 'pay/1': [declined, { value: 'paid' }] } },
    async meanwhile(run) {
      const pay: Step = { id: 'pay', call: 'mail.send', with: { to: 2 } };
      const steps: Step[] = [{ id: 'all', forEach: { in: [1, 2] }, do: [pay, call('after')] }];
      while ((await run.progress()).pay?.status !== 'parked');
      await accepted(() => run.handle.executeUpdate('pause'));
      await accepted(() => run.handle.executeUpdate('migrate', migrationTo({ steps, onFail: 'park' })));
      await accepted(() => run.handle.executeUpdate('resume'));
      await accepted(() => run.handle.executeUpdate('retry', { args: [{ step: 'pay/1' }] }));
    },
  },
  {
    name: 'paused-and-resumed',
    definition: {
      steps: [
        {
          id: 'both',
          parallel: [
            { id: 'one', do: [{ id: 'work', call: 'mail.send' }, call('after')] },
            { id: 'two', do: [{ id: 'moment', wait: '1s' }, call('later')] },
          ],
        },
      ],
    },
    options: { answers: { work: [{ value: 'sent', afterMs: 1_000 }] } },
    whileCalling: true,
    async meanwhile(run) {
      await accepted(() => run.handle.executeUpdate('pause', { args: [{ by: 'ana', reason: 'incident 7' }] }));
      const isHeld = async () => {
        const { work, moment } = await run.progress();
        return work?.status === 'done' && moment?.status === 'done';
      };
      while (!(await isHeld()));
      await run.handle.executeUpdate('resume');
    },
  },
  {
    name: 'continued-as-new',
    definition: {
      steps: [
        { id: 'before', set: { kept: 'yes' } },
        undoable('reserve'),
        {
          id: 'lines',
          forEach: { in: Array.from({ length: 30 }, (_, index) => index), concurrency: 3, collect: '{{item}}' },
          do: [{ id: 'work', call: 'mail.send', with: { item: '{{item}}', kept: '{{vars.kept}}' } }],
        },
        call('after'),
      ],
      output: '{{steps.lines.done}}',
    },
  },
  {
    name: 'continued-as-new-beside-a-child',
    definition: {
      steps: [
        {
          id: 'both',
          parallel: [
            { id: 'send', run: 'ship' },
            {
              id: 'lines',
              forEach: { in: Array.from({ length: 30 }, (_, index) => index) },
              do: [{ id: 'work', call: 'mail.send', with: { item: '{{item}}' } }],
            },
          ],
        },
      ],
      output: '{{steps.send}}',
    },
    options: { children: { ship: { steps: [refund()], output: '{{steps.refund.id}}' } } },
    meanwhile: async (run) => {
      await untilContinued(run);
      const child = run.handle.client.getHandle(`${run.handle.workflowId}/send`);
      await child.signal('event', refundEvent());
    },
  },
  {
    name: 'values-from-the-host',
    definition: {
      steps: [
        {
          id: 'order',
          call: 'mail.send',
          with: { key: { uuid: [] }, other: { uuid: [] }, at: { now: [] }, hash: { sha256: ['{{event.id}}'] } },
        },
      ],
    },
  },
  {
    name: 'jsonlogic',
    definition: {
      steps: [
        {
          id: 'discount',
          set: { percent: jsonLogic({ if: [{ '>=': [{ var: 'amount' }, 100] }, 10, { var: ['missing', 5] }] }) },
        },
        {
          id: 'large',
          if: jsonLogic({ some: [{ var: 'labels' }, { '==': [{ var: '' }, 'vip'] }] }),
          then: [{ ...call('gift'), with: { percent: '{{vars.percent}}' } }],
        },
      ],
      output: jsonLogic({ cat: ['order ', { substr: [{ var: 'id' }, 0, 4] }, ': ', { var: 'gone' }] }),
    },
  },
];

/** A rule that json-logic-js evaluates. */
function jsonLogic(rule: Json): JsonObject {
  return { jsonlogic: { rule, data: { id: '{{event.id}}', amount: '{{event.payment.amount}}', labels: ['new', 'vip'] } } };
}

function refund(onTimeout?: Step[]): Step {
  return {
    id: 'refund',
    waitFor: 'payment.refunded',
    match: { 'event.payment.id': '{{event.payment.id}}' },
    timeout: '24h',
    ...(onTimeout === undefined ? {} : { onTimeout }),
  };
}

/** Sends an update until the run has come to where it takes it. */
async function accepted(send: () => Promise<unknown>): Promise<void> {
  const isAccepted = () =>
    send().then(
      () => true,
      () => false,
    );
  while (!(await isAccepted()));
}

/** As Kait's server sends it. The host's activities look at no seal. */
function migrationTo(definition: Pick<Definition, 'steps'> & Partial<Definition>): { args: [object] } {
  const whole: Definition = { name: 'hosted', on: { event: 'payment.succeeded' }, ...definition };
  const to = { definition: whole, definitionHash: '1'.repeat(64), localActivities: [] };
  const seal = '2'.repeat(64);
  return { args: [{ from: hostedHash, to, seal, origin: { via: 'cli', address: null, seal }, by: 'ana' }] };
}

async function untilContinued({ handle }: HostedRun): Promise<void> {
  const latest = handle.client.getHandle(handle.workflowId);
  const isFirst = async () => (await latest.describe()).runId === handle.firstExecutionRunId;
  while (await isFirst());
}

function refundEvent(): CanonicalEvent {
  return sampleEvent({ id: 'evt_refund', type: 'payment.refunded' });
}
