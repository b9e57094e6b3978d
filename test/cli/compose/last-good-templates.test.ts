import { expect, it } from 'vitest';
import { keepLastGoodTemplates } from '../../../cli/compose/last-good-templates.ts';

const template = (subject: string) => ({ subject, text: '' }) as never;
const read = (templates: [string, never][], faulty: [string, string][] = []) => ({
  templates: new Map(templates),
  faulty: new Map(faulty),
});
const before = read([
  ['changed', template('old')],
  ['broken', template('good')],
  ['gone', template('still needed')],
]);

it('takes templates that are sound, and keeps the last good version of those that are broken or gone', () => {
  const latest = read(
    [['changed', template('new')]],
    [
      ['broken', 'a mistake'],
      ['other', 'a mistake'],
    ],
  );
  const { templates, faulty } = keepLastGoodTemplates(before, latest);
  expect(Object.fromEntries(templates)).toEqual({
    changed: { subject: 'new', text: '' },
    broken: { subject: 'good', text: '' },
    gone: { subject: 'still needed', text: '' },
  });
  expect([...faulty]).toEqual([['other', 'a mistake']]);
});
