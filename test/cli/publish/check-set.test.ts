import { expect, it } from 'vitest';
import { builtInActivities } from '../../../activities/built-in-activities.ts';
import { mistakesIn } from '../../../cli/publish/check-set.ts';
import { ownProject } from '../activities/own-project.ts';

const sound = {
  'sources.json': '{ "stripe": { "gateway": "stripe", "secrets": ["STRIPE_WEBHOOK_SECRET"] } }',
  'workflows/paid.json': JSON.stringify({
    name: 'paid',
    on: { event: 'payment.succeeded' },
    steps: [{ id: 'a', set: { b: 1 } }],
  }),
};

async function mistakes(changes: Record<string, string | undefined>, kind: 'server' | 'worker' = 'server') {
  const files = Object.entries<string | undefined>({ ...sound, ...changes }).flatMap(([path, text]) =>
    text === undefined ? [] : [[`definitions/${path}`, text] as const],
  );
  const { definitions } = await ownProject(Object.fromEntries(files));
  return mistakesIn(definitions, { activities: builtInActivities, kind });
}

it('finds nothing wrong with a sound set', async () => {
  expect(await mistakes({})).toEqual([]);
});

const calling = (call: string) => sound['workflows/paid.json'].replace('"set":{"b":1}', `"call":"${call}"`);

it.each([
  [
    { 'workflows/paid.json': calling('points.add') },
    /^workflows\/paid\.json:.* KAIT1401 Unknown activity "points.add"/,
  ],
  [{ 'workflows/paid.json': '{' }, /^workflows\/paid\.json:.* KAIT1001/],
  [{ 'workflows/paid.json': undefined }, /^There is no workflow definition in workflows\.$/],
  [{ 'workflows/twin.json': sound['workflows/paid.json'] }, /both define "paid"/],
  [{ 'sources.json': undefined }, /^There is no sources\.json\.$/],
  [{ 'sources.json': '{ "a": { "gateway": "stripe", "secret": 1 } }' }, /sources\.json.*secret/],
  [{ 'sources.json': '{ "a": { "gateway": "nobody" } }' }, /sources\.json.*nobody/],
  [{ 'gateways/shop.json': '{ "extends": "stripe", "nonsense": 1 }' }, /^gateways\/shop\.json.*nonsense/],
  [{ 'mails/thanks.json': '{ "subject": "x", "text": "x", "html": "x" }' }, /^mails\/thanks\.json:.* KAIT1101/],
  [{ 'event-types/a.b.json': '[]' }, /^event-types\/a\.b\.json:/],
  [{ 'secrets.json': '{ "KAIT_SECRET_A": { "host": [] } }' }, /^secrets\.json:/],
  [{ 'settings.json': '{ "a": { "type": "cat" } }' }, /^settings\.json:/],
])('finds the mistake in %j, and names the file by its path in the set', async (changes, message) => {
  expect(await mistakes(changes)).toEqual([expect.stringMatching(message)]);
});

it('asks a server for the values of settings, and no worker', async () => {
  const files = { 'settings.json': '{ "shopUrl": { "type": "text" } }' };
  expect(await mistakes(files)).toEqual([expect.stringContaining('KAIT_SETTING_SHOP_URL')]);
  expect(await mistakes(files, 'worker')).toEqual([]);
});
