import { expect, it } from 'vitest';
import { z } from 'zod';
import { builtInActivities } from '../../../activities/built-in-activities.ts';
import { readEventType } from '../../../language/check/event-type-file.ts';
import { readSecretBindings } from '../../../language/check/secrets-file.ts';
import type { Definition } from '../../../language/definition.ts';
import { defaultCatalogue, type EventTypes, noEventTypes } from '../../../language/event-types.ts';
import { loadPresets, parsePreset } from '../../../server/gateway/presets.ts';
import { endangeredBy } from '../../../server/publish/endangered-runs.ts';
import { activitiesOfSet, type Surroundings } from '../../../server/publish/surroundings.ts';
import type { SetActivity } from '../../../storage/schema.ts';
import { packagePath } from '../../../package-path.ts';

const presets = await loadPresets(packagePath('definitions', 'gateways'));
const points = {
  input: z.strictObject({ member: z.string(), note: z.string().optional() }),
  output: z.strictObject({ total: z.int() }),
};

const child: Definition = {
  name: 'remind',
  on: 'run',
  steps: [{ id: 'mail', call: 'mail.send', with: { to: 'a@b.example', template: 'remind', values: { days: 1 } } }],
};
const definition: Definition = {
  name: 'paid',
  on: { event: 'payment.succeeded' },
  steps: [
    { id: 'points', call: 'points.add', with: { member: 'm', note: 'n' } },
    { id: 'refund', waitFor: 'payment.refunded', match: { 'refund.id': 'r' }, timeout: '1h' },
    {
      id: 'tell',
      http: 'https://shop.example/told',
      headers: { authorization: { secret: 'KAIT_SECRET_SHOP' } },
      body: { total: '{{steps.points.total}}' },
    },
    { id: 'later', run: 'remind' },
    { id: 'message', emit: 'points.added', with: { member: 'm' } },
  ],
};

const secrets = readSecretBindings({
  file: 'secrets.json',
  text: '{ "KAIT_SECRET_SHOP": { "hosts": ["shop.example"] } }',
}).bindings!;

function pointsAdded(text: string): EventTypes {
  const { eventType } = readEventType({ file: 'points.added.json', text }, 'points.added');
  return { ...noEventTypes, byName: new Map([['points.added', eventType!]]) };
}

const before: Surroundings = {
  activities: { ...builtInActivities, 'points.add': points },
  mailTemplates: new Map([['remind', ['days']]]),
  eventTypes: pointsAdded('{ "example": { "member": "m" } }'),
  secrets,
  sources: new Map([['stripe', { gateway: 'stripe' }]]),
  presets,
};
const run = (source: string, count: number) => ({ name: 'paid', source, definition, children: [child], count });

it('finds nothing wrong with a set that has what runs under way need', () => {
  expect(endangeredBy([run('stripe', 3)], before, before)).toEqual([]);
});

/** Stripe's preset with some differences. */
function withStripe(differences: object): Surroundings {
  const text = JSON.stringify({ extends: 'stripe', ...differences });
  const { preset } = parsePreset('stripe.json', text, () => ['', JSON.stringify(presets.get('stripe')!.declared)]);
  return { ...before, presets: new Map([...presets, ['stripe', preset!]]) };
}

const typesWithoutRefunds = presets.get('stripe')!.declared.types!.filter(({ type }) => type !== 'payment.refunded');

it.each<[string, Surroundings]>([
  ['There is no source "stripe" any more.', { ...before, sources: new Map() }],
  [
    '/steps/4/with/total: points.added requires the input "total".',
    { ...before, eventTypes: pointsAdded('{ "example": { "member": "m", "total": 1 } }') },
  ],
  [
    '/steps/4/emit: There is no event type "points.added".',
    { ...before, eventTypes: { ...noEventTypes, about: { ...defaultCatalogue, strict: true } } },
  ],
  ['/steps/0/call: Unknown activity "points.add".', { ...before, activities: { ...builtInActivities } }],
  [
    '/steps/0/with/note: points.add has no input "note".',
    {
      ...before,
      activities: { ...before.activities, 'points.add': { ...points, input: z.strictObject({ member: z.string() }) } },
    },
  ],
  [
    '/steps/2/body/total: "steps.points" has no "total".',
    {
      ...before,
      activities: { ...before.activities, 'points.add': { ...points, output: z.strictObject({ sum: z.int() }) } },
    },
  ],
  ['remind: /steps/0/with/template: There is no mail template "remind".', { ...before, mailTemplates: new Map() }],
  [
    'remind: /steps/0/with/values: The mail "remind" needs values.name.',
    { ...before, mailTemplates: new Map([['remind', ['days', 'name']]]) },
  ],
  ['/steps/2/headers/authorization/secret: KAIT_SECRET_SHOP', { ...before, secrets: new Map() }],
  [
    '/steps/1 waits for payment.refunded of "stripe", which its preset does not tell any more.',
    withStripe({ types: typesWithoutRefunds }),
  ],
  [
    '/steps/1 compares fields of an event of "stripe", which its preset takes from elsewhere now.',
    withStripe({ redact: ['/data/object/id'] }),
  ],
])('counts the runs under way that could not go on: %s', (danger, after) => {
  expect(endangeredBy([run('stripe', 2), run('stripe', 1)], before, after)).toEqual([
    expect.stringContaining(`3 runs under way of "paid" could not go on: ${danger}`),
  ]);
});

it('tells of a wait for another source that is gone', () => {
  const waiting = { ...definition.steps[1]!, source: ['stripe', 'bank'] } as Definition['steps'][number];
  const runs = [{ ...run('stripe', 1), definition: { ...definition, steps: [waiting] }, children: [] }];
  expect(endangeredBy(runs, before, before)).toEqual([
    '1 run under way of "paid" could not go on: /steps/0 waits for an event of "bank", and there is no such source any more.',
  ]);
});

const described = (changes: Partial<SetActivity> = {}): SetActivity => ({
  ...{ name: 'points.add', kind: 'network', digest: '0'.repeat(64) },
  input: z.toJSONSchema(points.input),
  output: z.toJSONSchema(points.output),
  ...changes,
});

it('knows from a set’s description that an activity was removed, or takes less than before', () => {
  const own = [described()];
  const here = before.activities;
  const narrower = described({ input: z.toJSONSchema(z.strictObject({ member: z.string() })) });
  const dangers = (latest: SetActivity[]) =>
    endangeredBy([run('stripe', 1)], before, { ...before, activities: activitiesOfSet(latest, here, own) });
  expect(dangers(own)).toEqual([]);
  expect(dangers([])).toEqual([expect.stringContaining('Unknown activity "points.add".')]);
  expect(dangers([narrower])).toEqual([expect.stringContaining('/steps/0/with/note')]);
});
