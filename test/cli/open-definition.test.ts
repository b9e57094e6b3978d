import { expect, it } from 'vitest';
import { createCatalogue } from '../../activities/catalogue.ts';
import { shopActivities } from '../../activities/shop/shop-activities.ts';
import { installationOf } from '../../cli/open-definition.ts';

it('knows the errors that activities declare: they are final, and nothing has happened', () => {
  const errors = { MemberUnknown: 'No member has this address.' };
  const entry = createCatalogue().all['orders.create']!;
  const { finalErrors, harmlessErrors } = installationOf(
    createCatalogue({ own: { 'points.add': { ...entry, errors } } }),
  );
  expect(finalErrors).toContain('MemberUnknown');
  expect(harmlessErrors).toContain('MemberUnknown');
});

it('knows the errors of the example shop, unless its activities are turned off', () => {
  const { finalErrors } = installationOf(createCatalogue());
  expect(finalErrors).toContain('CurrencyMismatch');
  const withoutShop = installationOf(createCatalogue({ off: [...shopActivities.keys()] }));
  expect(withoutShop.finalErrors).not.toContain('CurrencyMismatch');
});
