import type { FailureType, runFailureTypes } from '../../activities/failure-types.ts';
import type { Definition, Step, StepDefaults } from '../../language/definition.ts';
import type { Json, JsonObject } from '../../language/json.ts';

/** What the example shop's activities declare. */
type ShopFailure = 'OrderUnknown' | 'OrderCanceled' | 'CurrencyMismatch';

/** How a step comes to fail with a type, and what its run sees of that: the same on Temporal's server and in the simulator. */
export interface FailureCase {
  type: FailureType | keyof typeof runFailureTypes | ShopFailure | 'CardDeclined';
  /** Tells apart the cases of one type. */
  how: string;
  /** The step. It has the given id and, if it calls an activity, the given limits and `undo`. */
  step: (id: string, more: CallOptions) => Step;
  /** What the simulator has to be told; without it, it finds the failure by itself. */
  mock?: Json;
  /** What somebody outside does to the step on Temporal's server. */
  outside?: 'rejects it' | 'cancels its run' | 'terminates its run';
  /** How many of two attempts are made. None: the step calls no activity. */
  attempts: 0 | 1 | 2;
  /** When its `undo` runs: by default, only with `"undoWhen": "maybe"`, or never. */
  undone: 'by default' | 'with maybe' | 'never';
}

export type CallOptions = Pick<StepDefaults, 'retry'> & { undo: { http: string }; undoWhen?: 'maybe' };

const error = (type: FailureCase['type']): Json => ({ error: { type } });
const call =
  (activity: string, input: JsonObject, limits: StepDefaults = {}): FailureCase['step'] =>
  (id, more) => ({ id, call: activity, with: input, ...limits, ...more });
const http =
  (path: string, limits: object = {}): FailureCase['step'] =>
  (id, more) => ({ id, http: `{{vars.origin}}${path}`, method: 'POST', ...limits, ...more });
const mail = (input: JsonObject) => call('mail.send', { to: 'ana@shop.example', subject: 'Hi', text: 'Hi', ...input });
const cashback = (orderId: string) => call('cashback.grant', { orderId, amount: 1, currency: 'IDR' });
const confirm = (eventId: string) => call('gateway.confirm', { source: 'stripe', eventId });
const throws = (type: FailureType) => call('test.throw', { type });

/** A failure of an activity, which the simulator knows by its type. */
const failed = (
  type: FailureType | ShopFailure,
  step: FailureCase['step'],
  rest: Pick<FailureCase, 'attempts' | 'undone'>,
  how = 'an activity fails',
): FailureCase => ({ type, how, step, mock: error(type), ...rest });

const refused = { attempts: 1, undone: 'never' } as const;
const notYet = { attempts: 2, undone: 'never' } as const;
const inDoubt = { attempts: 2, undone: 'by default' } as const;
const ownDatabase = { attempts: 2, undone: 'with maybe' } as const;
const atOnce = { attempts: 0, undone: 'never' } as const;

/** Every failure type that a step can have, and the cases that could differ between the hosts. */
export const failureCases: FailureCase[] = [
  {
    type: 'InputInvalid',
    how: 'values that an activity cannot use',
    step: call('orders.create', { reference: 'INV-9', amount: -1, currency: 'IDR' }),
    ...refused,
  },
  failed('RunRefused', throws('RunRefused'), refused),
  failed('OutputInvalid', throws('OutputInvalid'), { attempts: 1, undone: 'by default' }),
  failed('KeyReused', throws('KeyReused'), { attempts: 1, undone: 'by default' }),
  failed('SqlFailed', throws('SqlFailed'), notYet),
  failed('ActivityFailed', throws('ActivityFailed'), inDoubt),
  failed('ActivityUnknown', throws('ActivityUnknown'), notYet),
  failed('EventUnknown', call('webhooks.forward', { eventId: 'evt_gone' }), refused),
  failed('Unconfirmed', confirm('impossible'), refused),
  failed('RequestNotKept', call('webhooks.forward', { eventId: 'evt_bare' }), refused),
  failed('OrderUnknown', call('orders.cancel', { orderId: 'ord_none' }), refused),
  failed('OrderCanceled', cashback('ord_canceled'), refused),
  failed('CurrencyMismatch', cashback('ord_usd'), refused),
  failed('TemplateUnknown', mail({ template: 'none' }), refused),
  failed('TemplateValueMissing', throws('TemplateValueMissing'), refused),
  failed('MailRefused', mail({ to: 'refused@shop.example' }), refused),
  failed('SecretUnavailable', http('/fine', { headers: { authorization: { secret: 'KAIT_SECRET_UNSET' } } }), refused),
  failed('SecretNotAllowed', http('/fine', { headers: { authorization: { secret: 'KAIT_SECRET_OTHER' } } }), refused),
  failed('SecretsUnreadable', throws('SecretsUnreadable'), notYet),
  failed('AddressRefused', (id, more) => ({ id, http: 'http://10.0.0.1/', ...more }), refused),
  failed('ResponseRefused', http('/status/422'), refused),
  {
    ...failed(
      'ResponseRefused',
      http('/status/302'),
      { attempts: 1, undone: 'by default' },
      'an answer that is no refusal',
    ),
    mock: { error: { type: 'ResponseRefused', inDoubt: true } },
  },
  failed('GatewayRefused', confirm('refused'), refused),
  failed('ResponseTooLarge', http('/large'), { attempts: 1, undone: 'by default' }),
  failed('ChildLost', throws('ChildLost'), { attempts: 1, undone: 'by default' }),
  failed('ChildRunning', throws('ChildRunning'), notYet),
  failed('DeliveryUnknown', throws('DeliveryUnknown'), refused),
  failed('DeliveryRefused', throws('DeliveryRefused'), refused),
  failed('DeliveryExhausted', throws('DeliveryExhausted'), { attempts: 1, undone: 'by default' }),
  failed('DeliveryNotDue', throws('DeliveryNotDue'), notYet),
  failed('DeliveryPending', throws('DeliveryPending'), notYet),
  failed('DeliveryParked', throws('DeliveryParked'), refused),
  failed('AnswerPending', throws('AnswerPending'), notYet),
  failed('AnswerLate', throws('AnswerLate'), refused),
  failed('PublicUrlMissing', throws('PublicUrlMissing'), notYet),
  failed('DeliveryFailed', throws('DeliveryFailed'), inDoubt),
  failed('DatabaseRefused', call('orders.create', { reference: 'a\u0000b', amount: 1, currency: 'IDR' }), refused),
  failed('DatabaseUnavailable', call('outbound.emit', { type: 'order.created', data: {} }), ownDatabase),
  failed('MailUnavailable', mail({ to: 'later@shop.example' }), inDoubt),
  failed('MailInFlight', throws('MailInFlight'), inDoubt),
  failed('ReceiverUnavailable', http('/status/503'), inDoubt),
  {
    ...failed('ReceiverUnavailable', http('/status/429'), notYet, 'a refusal for the moment'),
    mock: { error: { type: 'ReceiverUnavailable', inDoubt: false } },
  },
  failed(
    'ReceiverUnavailable',
    (id, more) => http('/status/503')(id, { ...more, retry: { ...more.retry, first: '1s', max: '10ms' } }),
    inDoubt,
    'after pauses that contradict each other',
  ),
  failed('UnconfirmedYet', confirm('differs'), notYet),
  failed('GatewayUnavailable', confirm('unavailable'), notYet),
  {
    type: 'TimedOut',
    how: 'an answer comes too late',
    step: http('/silent', { timeout: '300ms' }),
    mock: { after: '1s' },
    ...inDoubt,
  },
  {
    type: 'TimedOut',
    how: 'a very short limit',
    step: http('/silent', { timeout: '1ms' }),
    mock: { after: '1s' },
    ...inDoubt,
  },
  {
    type: 'TimedOut',
    how: 'an activity hangs',
    step: call('test.hang', {}, { timeout: '100ms' }),
    mock: { after: '1s' },
    ...inDoubt,
  },
  {
    type: 'TimedOut',
    how: 'a local activity hangs',
    step: call('test.hangLocally', {}, { timeout: '100ms' }),
    mock: { after: '1s' },
    ...ownDatabase,
  },
  {
    type: 'TimedOut',
    how: 'the deadline ends the first attempt',
    step: http('/silent', { timeout: '10s', deadline: '700ms' }),
    mock: { after: '20s' },
    attempts: 1,
    undone: 'by default',
  },
  {
    type: 'TimedOut',
    how: 'the deadline ends the retries of a local activity',
    step: (id, more) => ({
      ...call('outbound.emit', { type: 'order.created', data: {} }, { deadline: '2s' })(id, more),
      retry: { ...more.retry, attempts: 5, first: '2500ms' },
    }),
    mock: error('DatabaseUnavailable'),
    attempts: 1,
    undone: 'with maybe',
  },
  {
    type: 'TimedOut',
    how: 'a wait ends',
    step: (id) => ({ id, waitFor: 'payment.refunded', timeout: '10ms' }),
    ...atOnce,
  },
  { type: 'TimedOut', how: 'nobody answers', step: (id) => ({ id, approve: 'Sure?', timeout: '10ms' }), ...atOnce },
  {
    type: 'ChildCanceled',
    how: 'somebody cancels the run',
    step: (id, { undo, undoWhen }) => ({ id, run: 'ship', undo, ...(undoWhen && { undoWhen }) }),
    mock: error('ChildCanceled'),
    outside: 'cancels its run',
    attempts: 0,
    undone: 'by default',
  },
  {
    type: 'ChildCanceled',
    how: 'somebody cancels the run, which undoes itself',
    step: (id, { undo }) => ({ id, run: 'undoes', undo }),
    mock: error('ChildCanceled'),
    outside: 'cancels its run',
    ...atOnce,
  },
  {
    type: 'UndoFailed',
    how: 'somebody cancels the run, which cannot undo itself',
    step: (id, { undo, undoWhen }) => ({ id, run: 'undoesBadly', undo, ...(undoWhen && { undoWhen }) }),
    mock: error('UndoFailed'),
    outside: 'cancels its run',
    attempts: 0,
    undone: 'by default',
  },
  {
    type: 'ChildTerminated',
    how: 'somebody terminates the run',
    step: (id, { undo, undoWhen }) => ({ id, run: 'ship', undo, ...(undoWhen && { undoWhen }) }),
    mock: error('ChildTerminated'),
    outside: 'terminates its run',
    attempts: 0,
    undone: 'by default',
  },
  {
    type: 'DefinitionUnknown',
    how: 'no such definition',
    step: (id, { undo }) => ({ id, run: 'nowhere', undo }),
    ...atOnce,
  },
  {
    type: 'ExpressionFailed',
    how: 'a path finds nothing',
    step: (id, more) => ({ id, call: 'orders.cancel', with: { orderId: '{{event.data.none}}' }, ...more }),
    ...atOnce,
  },
  {
    type: 'TooLarge',
    how: 'too many items',
    step: (id) => ({ id, forEach: { in: '{{event.data.many}}' }, do: [{ id: `${id}-item`, set: { x: 1 } }] }),
    ...atOnce,
  },
  {
    type: 'Rejected',
    how: 'somebody says no',
    step: (id) => ({ id, approve: 'Sure?', timeout: '1h' }),
    outside: 'rejects it',
    ...atOnce,
  },
  {
    type: 'TooManyIterations',
    how: 'a condition that holds forever',
    step: (id) => ({ id, while: true, max: 1, do: [{ id: `${id}-pass`, set: { x: 1 } }] }),
    ...atOnce,
  },
  {
    type: 'AllFailed',
    how: 'a race without a winner',
    step: (id) => ({ id, join: 'first', parallel: [{ id: `${id}-one`, fail: 'no' }] }),
    ...atOnce,
  },
  {
    type: 'TooFewSucceeded',
    how: 'a quorum that cannot be reached',
    step: (id) => ({
      id,
      join: { count: 2 },
      parallel: [
        { id: `${id}-one`, fail: 'no' },
        { id: `${id}-two`, set: { x: 1 } },
      ],
    }),
    ...atOnce,
  },
  {
    type: 'TimedOut',
    how: 'the deadline of a group',
    step: (id) => ({ id, deadline: '300ms', do: [{ id: `${id}-long`, wait: '1h' }] }),
    ...atOnce,
  },
  {
    type: 'InternalError',
    how: 'what the checker lets no definition have',
    step: (id) => ({ id, wait: 'nonsense' }),
    ...atOnce,
  },
  { type: 'Failed', how: 'a fail step without a type', step: (id) => ({ id, fail: 'no' }), ...atOnce },
  {
    type: 'CardDeclined',
    how: 'a child fails with a type of its own, with nothing left',
    step: (id, { undo }) => ({ id, run: 'declines', undo }),
    ...atOnce,
  },
];

/** What Temporal's server cannot be brought to: it cancels an activity only with its run. */
export const simulatedCases: FailureCase[] = [
  {
    type: 'ActivityCanceled',
    how: 'somebody cancels an activity',
    step: http('/fine'),
    mock: error('ActivityCanceled'),
    attempts: 1,
    undone: 'by default',
  },
];

/** The definitions that the cases' `run` steps start. */
export const failureChildren: Record<string, Pick<Definition, 'steps'>> = {
  ship: { steps: [{ id: 'long', wait: '7d' }] },
  undoes: {
    steps: [
      { id: 'long', wait: '7d' },
      { id: 'hold', http: 'https://shop.example/', undo: { http: 'https://shop.example/' } },
    ],
  },
  undoesBadly: {
    steps: [
      {
        id: 'held',
        call: 'orders.create',
        with: { reference: 'INV-10', amount: 1, currency: 'IDR' },
        undo: { call: 'test.throw', with: { type: 'EventUnknown' } },
      },
      { id: 'long', wait: '7d' },
    ],
  },
  declines: {
    steps: [
      {
        id: 'order',
        call: 'orders.create',
        with: { reference: 'INV-9', amount: 1, currency: 'IDR' },
        undo: { call: 'orders.cancel', with: { orderId: '{{steps.order.id}}' } },
      },
      { id: 'decline', fail: 'no', type: 'CardDeclined' },
    ],
  },
};

/**
 * The definition of a case: the step with its type caught and retried once, then with its type caught and not retried, then not caught.
 * `origin` is where the receiver of its requests listens.
 */
export function failingDefinition({ type, step }: FailureCase, origin: string): Pick<Definition, 'vars' | 'steps'> {
  const undo = { http: '{{vars.origin}}/undo' };
  const guard = (inner: Step): Step => ({
    id: `guard-${inner.id}`,
    try: [inner],
    catch: [{ errors: [type], do: [{ id: `caught-${inner.id}`, set: { caught: '{{error.type}}' } }] }],
  });
  const retry = { attempts: 2, first: '10ms' };
  return {
    vars: { origin, caught: null },
    steps: [
      guard(step('twice', { retry, undo })),
      guard(step('once', { retry: { ...retry, except: [type] }, undo })),
      step('last', { retry: { attempts: 1 }, undo, undoWhen: 'maybe' }),
    ],
  };
}
