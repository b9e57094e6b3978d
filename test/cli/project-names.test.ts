import Ajv from 'ajv';
import { expect, it } from 'vitest';
import { openActivities } from '../../cli/activities/open-activities.ts';
import { projectNames } from '../../cli/project-names.ts';
import { checkDefinition } from '../../language/check.ts';
import { workflowJsonSchema } from '../../language/json-schema.ts';
import { emittable } from '../../language/own-event-types.ts';
import { ownProject, pointsSource } from './activities/own-project.ts';

const project = {
  'activities/points.ts': pointsSource,
  'definitions/sources.json': '{ "shop": { "gateway": "midtrans", "secrets": ["KEY"] } }',
  'definitions/event-types/order.paid.json': '{ "example": { "order": "ORDER-1", "amount": 1 } }',
  'definitions/mails/paid.json': '{ "subject": "Paid", "text": "Thank you" }',
  'definitions/settings.json': '{ "leastAmount": { "type": "integer", "default": 1 } }',
  'definitions/gateways/midtrans.json':
    '{ "extends": "midtrans", "types": [{ "match": { "json:/transaction_status": ["settlement"] }, "type": "payout.settled" }] }',
};

async function namesOf(files: Record<string, string>) {
  const { definitions } = await ownProject(files);
  const { catalogue } = await openActivities(definitions, 'sources');
  return { names: await projectNames(definitions, catalogue), catalogue };
}

it('knows what a project has: its own, and what comes with Kait', async () => {
  const { names } = await namesOf(project);
  expect({
    ...names,
    activities: Object.keys(names.activities),
    emitted: [...emittable(names.emitted).keys()],
  }).toEqual({
    activities: expect.arrayContaining(['points.add', 'orders.create', 'mail.send']) as string[],
    events: [
      ...['payment.pending', 'payment.succeeded', 'payment.failed', 'payment.expired', 'payment.canceled'],
      ...['payment.refunded', 'payment.disputed', 'payout.settled'],
      ...['midtrans:authorize', 'midtrans:capture', 'midtrans:account.ENABLED', 'midtrans:account.DISABLED'],
    ],
    emitted: ['order.created', 'order.paid'],
    sources: ['shop'],
    mails: ['paid', 'receipt'],
    settings: expect.arrayContaining(['leastAmount']) as string[],
  });
});

it('knows the native types of all gateways if none is mounted', async () => {
  const { names } = await namesOf({});
  expect(names.events).toEqual(expect.arrayContaining(['stripe:charge.updated', 'adyen:ORDER_OPENED']));
  expect(names.events).not.toContain('stripe:payout.paid'); // It is always payout.succeeded.
});

it('offers nothing of a file with a mistake', async () => {
  const { names } = await namesOf({ ...project, 'definitions/settings.json': '{', 'definitions/sources.json': '[' });
  expect(names).toMatchObject({ settings: [], sources: [] });
});

type Node = Record<string, unknown> & { [name: string]: Node };

it('offers the names where definitions use them', async () => {
  const { names } = await namesOf(project);
  const { properties, definitions } = JSON.parse(workflowJsonSchema(names)) as Node;
  const trigger = (properties!.on!.anyOf as unknown as Node[])[0]!.properties!;
  const [one, several] = trigger.event!.anyOf as unknown as Node[];
  expect([one!.examples, several!.items!.examples]).toEqual([names.events, names.events]);
  expect((trigger.source!.anyOf as unknown as Node[])[0]!.examples).toEqual(['shop']);
  const waiting = definitions!['step-waitFor']!.properties!;
  expect((waiting.waitFor!.anyOf as unknown as Node[])[0]!.examples).toEqual(names.events);
  expect(definitions!['step-emit']!.properties!.emit!.examples).toEqual(['order.created', 'order.paid']);
  expect(definitions!.inputs!.properties!.call!.enum).toContain('points.add');
  expect(definitions!.logic!.then!.properties!.var!.examples).toContain('settings.leastAmount');
  const inputs = definitions!.inputs!.allOf as unknown as Node[];
  const mail = inputs.find((each) => each.if!.properties!.call!.const === ('mail.send' as never));
  expect(mail!.then!.properties!.with!.properties!.template!.examples).toEqual(['paid', 'receipt']);
});

const steps = {
  'an event type of which no preset tells': {
    id: 'a',
    waitFor: 'stripe:charge.updated',
    match: { 'event.payment.id': 1 },
    timeout: '1d',
  },
  'a source that is not mounted yet': {
    id: 'a',
    waitFor: 'payment.refunded',
    source: 'later',
    match: { 'event.payment.id': 1 },
    timeout: '1d',
  },
  'an outbound type that nobody describes': { id: 'a', emit: 'points.added', with: { anything: 1 } },
  'a mail whose name is computed': {
    id: 'a',
    call: 'mail.send',
    with: { to: 'a@shop.example', template: '{{event.source}}' },
  },
  'a described type without what is optional': { id: 'a', emit: 'order.paid', with: { order: 'ORDER-1', amount: 2 } },
};
const mistakes = {
  'a described type with an unknown member': {
    id: 'a',
    emit: 'order.paid',
    with: { order: 'ORDER-1', amount: 2, mount: 1 },
  },
  'a described type without a member': { id: 'a', emit: 'order.paid', with: { order: 'ORDER-1' } },
  'a described type without data': { id: 'a', emit: 'order.paid' },
  'an unknown activity': { id: 'a', call: 'points.ad', with: {} },
};

it.each([
  ...Object.entries(steps).map(([what, step]) => ({ what, step, allowed: true })),
  ...Object.entries(mistakes).map(([what, step]) => ({ what, step, allowed: false })),
])('agrees with the checker about $what', async ({ step, allowed }) => {
  const { names, catalogue } = await namesOf(project);
  const definition = { name: 'shop', on: { event: 'payment.succeeded' }, steps: [step] };
  const text = JSON.stringify(definition);
  const { callable: activities } = catalogue;
  const { findings } = checkDefinition({ text, file: 'shop.json', activities, eventTypes: names.emitted });
  expect({
    editor: new Ajv().compile(JSON.parse(workflowJsonSchema(names)) as object)(definition),
    checker: findings.every(({ severity }) => severity !== 'error'),
  }).toEqual({ editor: allowed, checker: allowed });
});
