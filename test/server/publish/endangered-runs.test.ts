import { expect, it } from 'vitest';
import { endangeredBy } from '../../../server/publish/endangered-runs.ts';

const definition = {
  name: 'paid',
  steps: [
    { id: 'points', call: 'points.add', with: {} },
    {
      id: 'branch',
      if: true,
      then: [
        { id: 'mail', call: 'mail.send', with: { template: 'thanks' } },
        { id: 'ask', http: 'POST https://shop.example', headers: { authorization: { secret: 'KAIT_SECRET_SHOP' } } },
      ],
    },
  ],
};
const run = (source: string, count: number) => ({ name: 'paid', source, definition, count });
const files = {
  'sources.json': '{ "$schema": "x", "stripe": { "gateway": "stripe" } }',
  'secrets.json': '{ /* of the shop */ "KAIT_SECRET_SHOP": { "hosts": ["shop.example"] } }',
  'mails/thanks.json': '{}',
};
const callable = ['points.add', 'mail.send'];
const present = (names = callable, mails: string[] = []) => ({
  isCallable: (name: string) => names.includes(name),
  mails,
});

it('finds nothing wrong with a set that has what runs under way need', () => {
  expect(endangeredBy(files, [run('stripe', 3)], present())).toEqual([]);
});

const { 'mails/thanks.json': thanks, ...withoutMail } = files;

it.each([
  { left: { ...files, 'sources.json': '{}' }, need: 'the source "stripe"' },
  { left: { ...files, 'secrets.json': '{}' }, need: 'the secret KAIT_SECRET_SHOP' },
  { left: { ...withoutMail, 'mails/other.json': thanks }, need: 'the mail template "thanks"' },
])('counts the runs under way that need $need once it is removed', ({ left, need }) => {
  expect(endangeredBy(left, [run('stripe', 2), run('stripe', 1)], present())).toEqual([
    `3 runs under way of "paid" need ${need}, which is not there any more.`,
  ]);
});

it('counts the runs that need an activity which nobody has any more', () => {
  expect(endangeredBy(files, [run('stripe', 1)], present(['mail.send']))).toEqual([
    '1 run under way of "paid" needs the activity points.add, which is not there any more.',
  ]);
});

it('takes a mail template that comes with Kait for present', () => {
  expect(endangeredBy(withoutMail, [run('stripe', 1)], present(callable, ['thanks']))).toEqual([]);
});
