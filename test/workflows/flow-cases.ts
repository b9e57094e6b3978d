import type { Definition, Step } from '../../language/definition.ts';
import type { Json } from '../../language/json.ts';

/** A run with deadlines, a quorum or steps after undoing, and what can be seen of it: the same on Temporal's server and in the simulator. */
export interface FlowCase {
  it: string;
  definition: Omit<Definition, 'name' | 'on'>;
  children?: Record<string, Omit<Definition, 'name' | 'on'>>;
  /** The outcome of each attempt of a call, by key; default null, at once. */
  calls?: Record<string, CallOutcome>;
  expected: Seen;
}

export type CallOutcome = { value: Json; afterMs?: number } | { error: string; afterMs?: number };

export interface Seen {
  /** The output, or `<type>: <message>` of the failure. */
  end: Json;
  /** Status by step id, outside of loops. */
  status: Record<string, string>;
  /** The calls in the order in which they began, `undo`s included; child runs have their step's id before their keys. */
  calls: string[];
}

const undoable = (id: string): Step => ({
  id,
  call: 'orders.create',
  retry: { attempts: 1 },
  undo: { call: 'orders.cancel', with: { of: id }, retry: { attempts: 1 } },
});
const set = (id: string): Step => ({ id, set: { [id]: 1 } });
const long = (id = 'long'): Step => ({ id, wait: '1h' });
const mail = (id: string, values: Record<string, Json> = {}): Step => ({
  id,
  call: 'mail.send',
  with: values,
  retry: { attempts: 1 },
});

const message = (deliveries: number) => ({ value: { messageId: 'msg_1', deliveries } });
const answered = {
  delivered: 0,
  failed: [{ endpoint: 'ep_2', state: 'refused', status: 410 }],
  ack: { ok: true },
  by: 'ep_1',
};
const refused = { endpoint: 'ep_1', state: 'refused', status: 410 };

export const flowCases: FlowCase[] = [
  {
    it: 'goes on once all deliveries of an emit have ended',
    definition: {
      steps: [{ id: 'tell', emit: 'order.created', await: 'delivered' }],
      output: '{{steps.tell}}',
    },
    calls: { tell: message(2), 'tell/outcome': { value: { delivered: 2, failed: [] }, afterMs: 500 } },
    expected: {
      end: { messageId: 'msg_1', deliveries: 2, delivered: 2, failed: [] },
      status: { tell: 'done' },
      calls: ['tell', 'tell/outcome'],
    },
  },
  {
    it: 'does not ask about the deliveries of an emit to which nobody subscribes',
    definition: {
      steps: [{ id: 'tell', emit: 'order.created', onExhausted: [set('sorry')] }],
      output: '{{steps.tell}}',
    },
    calls: { tell: message(0) },
    expected: {
      end: { messageId: 'msg_1', deliveries: 0, delivered: 0, failed: [] },
      status: { tell: 'done', sorry: 'skipped' },
      calls: ['tell'],
    },
  },
  {
    it: 'takes the steps for a delivery that failed, which see it',
    definition: {
      steps: [
        {
          id: 'tell',
          emit: 'order.created',
          onExhausted: [{ id: 'sorry', set: { why: '{{steps.tell.failed.0.status}}' } }],
          onTimeout: [set('late')],
        },
      ],
      output: ['{{steps.tell.delivered}}', '{{vars.why}}'],
    },
    calls: { tell: message(2), 'tell/outcome': { value: { delivered: 1, failed: [refused] } } },
    expected: {
      end: [1, 410],
      status: { tell: 'done', sorry: 'done', late: 'skipped' },
      calls: ['tell', 'tell/outcome'],
    },
  },
  {
    it: 'fails and is undone if a delivery failed and no step handles that',
    definition: {
      steps: [undoable('first'), { id: 'tell', emit: 'order.created', await: { delivered: '2d' } }],
    },
    calls: { tell: message(2), 'tell/outcome': { value: { delivered: 1, failed: [refused] } } },
    expected: {
      end: 'DeliveryExhausted: Step "tell": 1 of 2 deliveries of order.created ended without success',
      status: { first: 'done', tell: 'failed' },
      calls: ['first', 'tell', 'tell/outcome', 'first/undo'],
    },
  },
  {
    it: 'does what the author says if deliveries have not ended in time',
    definition: {
      steps: [
        {
          id: 'tell',
          emit: 'order.created',
          await: { delivered: '2s' },
          onTimeout: [set('late')],
          onExhausted: [set('sorry')],
        },
      ],
      output: ['{{status.tell}}', '{{steps.tell}}', '{{vars.late}}'],
    },
    calls: { tell: message(1), 'tell/outcome': { value: null, afterMs: 4_000 } },
    expected: {
      end: ['timedOut', null, 1],
      status: { tell: 'timedOut', late: 'done', sorry: 'skipped' },
      calls: ['tell', 'tell/outcome'],
    },
  },
  {
    it: 'asks no more than once a minute, if the last look ends before the time does',
    definition: {
      steps: [{ id: 'tell', emit: 'order.created', await: { delivered: '2s' }, onTimeout: 'continue' }],
      output: '{{status.tell}}',
    },
    calls: { tell: message(1), 'tell/outcome': { error: 'DeliveryPending' } },
    expected: { end: 'timedOut', status: { tell: 'timedOut' }, calls: ['tell', 'tell/outcome'] },
  },
  {
    it: 'goes on with what the first receiver has answered, whatever became of the other deliveries',
    definition: {
      steps: [{ id: 'tell', emit: 'order.created', await: { ack: '1h' }, onTimeout: 'continue' }],
      output: '{{steps.tell}}',
    },
    calls: { tell: message(2), 'tell/outcome': { value: answered, afterMs: 500 } },
    expected: {
      end: { messageId: 'msg_1', deliveries: 2, ...answered },
      status: { tell: 'done' },
      calls: ['tell', 'tell/outcome'],
    },
  },
  {
    it: 'asks nobody for an answer if nobody subscribes',
    definition: {
      steps: [{ id: 'tell', emit: 'order.created', await: { ack: '1h' } }],
      output: '{{steps.tell}}',
    },
    calls: { tell: message(0) },
    expected: {
      end: { messageId: 'msg_1', deliveries: 0, delivered: 0, failed: [], ack: null, by: null },
      status: { tell: 'done' },
      calls: ['tell'],
    },
  },
  {
    it: 'does what the author says if no receiver has answered in time',
    definition: {
      steps: [
        {
          id: 'tell',
          emit: 'order.created',
          await: { ack: '1h' },
          onTimeout: [set('late')],
          onExhausted: [set('sorry')],
        },
      ],
      output: ['{{status.tell}}', '{{steps.tell}}', '{{vars.late}}'],
    },
    calls: { tell: message(1), 'tell/outcome': { error: 'AnswerLate' } },
    expected: {
      end: ['timedOut', null, 1],
      status: { tell: 'timedOut', late: 'done', sorry: 'skipped' },
      calls: ['tell', 'tell/outcome'],
    },
  },
  {
    it: 'fails and is undone if no receiver has answered in time and no step handles that',
    definition: { steps: [undoable('first'), { id: 'tell', emit: 'order.created', await: { ack: '1h' } }] },
    calls: { tell: message(1), 'tell/outcome': { error: 'AnswerLate' } },
    expected: {
      end: 'TimedOut: Step "tell": no receiver of order.created had answered within 1h',
      status: { first: 'done', tell: 'failed' },
      calls: ['first', 'tell', 'tell/outcome', 'first/undo'],
    },
  },
  {
    it: 'takes the steps for failed deliveries if all have failed before any answer',
    definition: {
      steps: [
        {
          id: 'tell',
          emit: 'order.created',
          await: { ack: '1h' },
          onExhausted: [{ id: 'sorry', set: { why: '{{steps.tell.failed.0.status}}' } }],
        },
      ],
      output: ['{{steps.tell.ack}}', '{{vars.why}}'],
    },
    calls: { tell: message(1), 'tell/outcome': { value: { delivered: 0, failed: [refused], ack: null, by: null } } },
    expected: {
      end: [null, 410],
      status: { tell: 'done', sorry: 'done' },
      calls: ['tell', 'tell/outcome'],
    },
  },
  {
    it: 'fails if all deliveries have failed before any answer and no step handles that',
    definition: { steps: [{ id: 'tell', emit: 'order.created', await: { ack: '1h' } }] },
    calls: { tell: message(1), 'tell/outcome': { value: { delivered: 0, failed: [refused], ack: null, by: null } } },
    expected: {
      end: 'DeliveryExhausted: Step "tell": 1 of 1 deliveries of order.created ended without success',
      status: { tell: 'failed' },
      calls: ['tell', 'tell/outcome'],
    },
  },
  {
    it: 'goes on after the deadline of a group, keeps what was done and skips what had not begun',
    definition: {
      steps: [
        {
          id: 'group',
          deadline: '3000ms',
          onTimeout: 'continue',
          do: [undoable('first'), { id: 'inner', do: [long(), set('never')] }, set('last')],
        },
        set('after'),
      ],
      output: ['{{status.group}}', '{{steps.never}}', '{{steps.last}}', '{{vars.after}}'],
    },
    expected: {
      end: ['timedOut', null, null, 1],
      status: {
        group: 'timedOut',
        first: 'done',
        inner: 'canceled',
        long: 'canceled',
        never: 'skipped',
        last: 'skipped',
        after: 'done',
      },
      calls: ['first'],
    },
  },
  {
    it: 'fails at the deadline of a group, and the run is undone',
    definition: { steps: [undoable('before'), { id: 'group', deadline: '3000ms', do: [undoable('first'), long()] }] },
    expected: {
      end: 'TimedOut: Step "group" was not done within 3000ms',
      status: { before: 'done', group: 'failed', first: 'done', long: 'canceled' },
      calls: ['before', 'first', 'first/undo', 'before/undo'],
    },
  },
  {
    it: 'undoes what a group has done at its deadline if the author says so, and nothing before it',
    definition: {
      steps: [
        undoable('before'),
        {
          id: 'group',
          deadline: '3000ms',
          undoOnTimeout: true,
          onTimeout: [mail('tell')],
          do: [undoable('first'), undoable('second'), long()],
        },
        set('after'),
      ],
    },
    expected: {
      end: null,
      status: {
        before: 'done',
        group: 'timedOut',
        first: 'done',
        second: 'done',
        long: 'canceled',
        tell: 'done',
        after: 'done',
      },
      calls: ['before', 'first', 'second', 'second/undo', 'first/undo', 'tell'],
    },
  },
  {
    it: 'keeps what a group that is done in time has done, and skips the steps for its deadline',
    definition: {
      steps: [
        {
          id: 'group',
          deadline: '1h',
          undoOnTimeout: true,
          onTimeout: [mail('tell')],
          do: [undoable('first'), set('second')],
        },
      ],
    },
    expected: {
      end: null,
      status: { group: 'done', first: 'done', second: 'done', tell: 'skipped' },
      calls: ['first'],
    },
  },
  {
    it: 'ends an inner group at its own deadline, and the outer one in time',
    definition: {
      steps: [
        {
          id: 'outer',
          deadline: '1h',
          do: [{ id: 'inner', deadline: '3000ms', onTimeout: [mail('late')], do: [long()] }, mail('then')],
        },
      ],
    },
    expected: {
      end: null,
      status: { outer: 'done', inner: 'timedOut', long: 'canceled', late: 'done', then: 'done' },
      calls: ['late', 'then'],
    },
  },
  {
    it: 'cancels an inner group at the deadline of the outer one, without the steps for its own',
    definition: {
      steps: [
        {
          id: 'outer',
          deadline: '3000ms',
          onTimeout: 'continue',
          do: [{ id: 'inner', deadline: '59m', onTimeout: [mail('late')], do: [long()] }],
        },
      ],
    },
    expected: {
      end: null,
      status: { outer: 'timedOut', inner: 'canceled', long: 'canceled', late: 'skipped' },
      calls: [],
    },
  },
  {
    it: 'gives each item of a loop a deadline of its own',
    definition: {
      steps: [
        {
          id: 'items',
          forEach: { in: { literal: ['1h', '60ms', '1h'] }, concurrency: 3, collect: '{{status.group}}' },
          do: [
            {
              id: 'group',
              deadline: '3000ms',
              onTimeout: 'continue',
              do: [
                {
                  id: 'slow',
                  if: { '===': [{ var: 'item' }, '1h'] },
                  then: [long()],
                },
                { id: 'work', call: 'orders.create', with: { item: '{{item}}' } },
              ],
            },
          ],
        },
      ],
      output: '{{steps.items.results}}',
    },
    expected: { end: ['timedOut', 'done', 'timedOut'], status: { items: 'done' }, calls: ['work/1'] },
  },
  {
    it: 'waits at the deadline for the answer of a call under way, and knows what it did',
    definition: {
      steps: [
        {
          id: 'group',
          deadline: '3000ms',
          undoOnTimeout: true,
          onTimeout: [mail('tell')],
          do: [undoable('pay'), undoable('ship')],
        },
      ],
    },
    calls: { pay: { value: 'paid', afterMs: 6_000 } },
    expected: {
      end: null,
      status: { group: 'timedOut', pay: 'done', ship: 'skipped', tell: 'done' },
      calls: ['pay', 'pay/undo', 'tell'],
    },
  },
  {
    it: 'runs a finally to its end at the deadline, and undoes a step that its failure leaves in doubt',
    definition: {
      steps: [
        {
          id: 'group',
          deadline: '3000ms',
          onTimeout: 'continue',
          do: [
            {
              id: 'guarded',
              try: [undoable('lock'), long()],
              finally: [{ id: 'settle', wait: '1200ms' }, mail('unlock')],
            },
          ],
        },
      ],
    },
    expected: {
      end: null,
      status: {
        group: 'timedOut',
        guarded: 'canceled',
        lock: 'done',
        long: 'canceled',
        settle: 'done',
        unlock: 'done',
      },
      calls: ['lock', 'unlock'],
    },
  },
  {
    it: 'fails with the failure of a finally that the deadline has begun',
    definition: {
      steps: [
        {
          id: 'group',
          deadline: '3000ms',
          onTimeout: 'continue',
          do: [{ id: 'guarded', try: [long()], finally: [mail('unlock')] }],
        },
      ],
    },
    calls: { unlock: { error: 'MailRefused' } },
    expected: {
      end: 'MailRefused: Step "unlock" (mail.send) failed: MailRefused',
      status: { group: 'failed', guarded: 'failed', long: 'canceled', unlock: 'failed' },
      calls: ['unlock'],
    },
  },
  {
    it: 'does not take the timeout of a step inside for its deadline',
    definition: {
      steps: [
        {
          id: 'group',
          deadline: '1h',
          onTimeout: 'continue',
          do: [{ id: 'refund', waitFor: 'payment.refunded', match: { 'event.entity': 'x' }, timeout: '1800ms' }],
        },
      ],
    },
    expected: {
      end: 'TimedOut: Step "refund": no payment.refunded arrived within 1800ms',
      status: { group: 'failed', refund: 'failed' },
      calls: [],
    },
  },
  {
    it: 'cancels the branches of a parallel at its deadline, and keeps those that were done',
    definition: {
      steps: [
        { id: 'all', deadline: '3000ms', onTimeout: 'continue', parallel: [undoable('quick'), long(), set('set')] },
      ],
      output: ['{{steps.all}}', '{{status.quick}}'],
    },
    expected: {
      end: [null, 'done'],
      status: { all: 'timedOut', quick: 'done', long: 'canceled', set: 'done' },
      calls: ['quick'],
    },
  },
  {
    it: 'undoes the losers of a race to their end, although its deadline passes meanwhile',
    definition: {
      steps: [
        {
          id: 'race',
          deadline: '3600ms',
          onTimeout: 'continue',
          join: 'first',
          parallel: [
            { id: 'winner', wait: '1200ms' },
            { id: 'loser', do: [undoable('pay'), long()] },
          ],
        },
      ],
      output: '{{steps.race}}',
    },
    calls: { 'pay/undo': { value: null, afterMs: 6_000 } },
    expected: {
      end: { done: ['winner'], failed: [] },
      status: { race: 'done', winner: 'done', loser: 'canceled', pay: 'done', long: 'canceled' },
      calls: ['pay', 'pay/undo'],
    },
  },
  {
    it: 'cancels a child run at the deadline, which undoes itself first',
    definition: {
      steps: [{ id: 'group', deadline: '3000ms', onTimeout: [mail('tell')], do: [{ id: 'other', run: 'child' }] }],
    },
    children: { child: { steps: [undoable('reserve'), long()] } },
    expected: {
      end: null,
      status: { group: 'timedOut', other: 'canceled', tell: 'done' },
      calls: ['other/reserve', 'other/reserve/undo', 'tell'],
    },
  },
  {
    it: 'fails a run at its deadline, undoes it and runs what comes after that, without a limit',
    definition: {
      deadline: '3000ms',
      steps: [undoable('pay'), long(), set('never')],
      afterUndo: [
        { id: 'pause', wait: '4200ms' },
        mail('tell', { why: '{{error.type}}: {{error.message}}', step: '{{error.step}}', never: '{{steps.never}}' }),
      ],
    },
    calls: { 'pay/undo': { value: null, afterMs: 4_800 } },
    expected: {
      end: 'TimedOut: The run was not done within 3000ms',
      status: { pay: 'done', long: 'canceled', never: 'skipped', pause: 'done', tell: 'done' },
      calls: [
        'pay',
        'pay/undo',
        'tell {"why":"TimedOut: The run was not done within 3000ms","step":null,"never":null}',
      ],
    },
  },
  {
    it: 'completes a run with its output after its deadline if the author says so',
    definition: {
      deadline: '3000ms',
      onTimeout: 'continue',
      steps: [undoable('pay'), long(), set('never')],
      output: ['{{steps.pay}}', '{{status.never}}'],
    },
    calls: { pay: { value: 'paid' } },
    expected: {
      end: ['paid', 'skipped'],
      status: { pay: 'done', long: 'canceled', never: 'skipped' },
      calls: ['pay'],
    },
  },
  {
    it: 'runs the steps for the deadline of a run, which take as long as they need and may fail it',
    definition: {
      deadline: '1800ms',
      onTimeout: [
        { id: 'pause', wait: '3600ms' },
        { id: 'give-up', fail: 'too late', type: 'Expired' },
      ],
      steps: [undoable('pay'), long()],
    },
    expected: {
      end: 'Expired: too late',
      status: { pay: 'done', long: 'canceled', pause: 'done', 'give-up': 'failed' },
      calls: ['pay', 'pay/undo'],
    },
  },
  {
    it: 'ends a parked step at the deadline of the run',
    definition: { onFail: 'park', deadline: '3000ms', steps: [mail('tell')] },
    calls: { tell: { error: 'MailRefused' } },
    expected: {
      end: 'TimedOut: The run was not done within 3000ms',
      status: { tell: 'canceled' },
      calls: ['tell'],
    },
  },
  {
    it: 'succeeds with a quorum, and cancels and undoes the others',
    definition: {
      steps: [
        {
          id: 'offers',
          join: { count: 2 },
          parallel: [
            { id: 'a', do: [undoable('pay-a'), { id: 'wait-a', wait: '1800ms' }] },
            { id: 'b', do: [undoable('pay-b'), long()] },
            { id: 'c', fail: 'no' },
            { id: 'd', do: [{ id: 'wait-d', wait: '3600ms' }, undoable('pay-d')] },
            { id: 'e', if: false, set: { x: 1 } },
          ],
        },
      ],
      output: '{{steps.offers}}',
    },
    expected: {
      end: { done: ['a', 'd'], failed: ['c'] },
      status: {
        offers: 'done',
        a: 'done',
        'pay-a': 'done',
        'wait-a': 'done',
        b: 'canceled',
        'pay-b': 'done',
        long: 'canceled',
        c: 'failed',
        d: 'done',
        'wait-d': 'done',
        'pay-d': 'done',
        e: 'skipped',
      },
      calls: ['pay-a', 'pay-b', 'pay-d', 'pay-b/undo'],
    },
  },
  {
    it: 'fails as soon as a quorum is out of reach, and undoes with the run what was done',
    definition: {
      steps: [
        {
          id: 'offers',
          join: { count: 3 },
          parallel: [
            undoable('quick'),
            long(),
            {
              id: 'refused',
              do: [
                { id: 'pause', wait: '1800ms' },
                { id: 'no', fail: 'no' },
              ],
            },
            {
              id: 'other',
              waitFor: 'payment.failed',
              match: { 'event.entity': 'x' },
              timeout: '1200ms',
              onTimeout: 'continue',
            },
          ],
        },
      ],
    },
    expected: {
      end: 'TooFewSucceeded: Step "offers": 3 were needed, but 1 of 4 branches succeeded and 1 failed',
      status: {
        offers: 'failed',
        quick: 'done',
        long: 'canceled',
        refused: 'failed',
        pause: 'done',
        no: 'failed',
        other: 'timedOut',
      },
      calls: ['quick', 'quick/undo'],
    },
  },
  {
    it: 'tells the steps after undoing what failed and what stands, and does not let their failure hide the first',
    definition: {
      steps: [undoable('pay'), undoable('ship'), mail('receipt')],
      afterUndo: [
        mail('tell', { why: '{{error.type}}', step: '{{error.step}}', stands: '{{error.notUndone}}' }),
        mail('never'),
      ],
    },
    calls: {
      receipt: { error: 'MailRefused' },
      'pay/undo': { error: 'OrderUnknown' },
      tell: { error: 'TemplateUnknown' },
    },
    expected: {
      end: 'MailRefused: Step "receipt" (mail.send) failed: MailRefused. Undoing these steps failed: pay. A step after undoing failed: Step "tell" (mail.send) failed: TemplateUnknown',
      status: { pay: 'done', ship: 'done', receipt: 'failed', tell: 'failed', never: 'pending' },
      calls: [
        'pay',
        'ship',
        'receipt',
        'ship/undo',
        'pay/undo',
        'tell {"why":"MailRefused","step":"receipt","stands":["pay"]}',
      ],
    },
  },
  {
    it: 'runs the steps after undoing of a run that undoes nothing, and leaves them out of a run that completes',
    definition: {
      onFail: 'fail',
      steps: [undoable('pay'), { id: 'child', run: 'child' }, { id: 'no', fail: 'no' }],
      afterUndo: [mail('tell', { stands: '{{error.notUndone}}' })],
    },
    children: { child: { steps: [set('fine')], afterUndo: [mail('never')] } },
    expected: {
      end: 'Failed: no',
      status: { pay: 'done', child: 'done', no: 'failed', tell: 'done' },
      calls: ['pay', 'tell {"stands":["pay"]}'],
    },
  },
];
