import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createCatalogue } from '../../activities/catalogue.ts';
import { shopActivities } from '../../activities/shop/shop-activities.ts';
import { installationOf, openDefinition } from '../../cli/open-definition.ts';
import { completeEvent } from '../../simulator/complete-event.ts';
import { simulate } from '../../simulator/simulate.ts';
import { temporaryFolder } from '../temporary-folder.ts';

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

it('simulates an emit as the worker would refuse it', async () => {
  const folder = await temporaryFolder();
  await mkdir(join(folder, 'workflows'));
  await mkdir(join(folder, 'event-types'));
  await writeFile(join(folder, 'event-types/points.added.json'), '{ "example": { "order": "INV-9" } }');
  const steps = [{ id: 'tell', emit: 'points.added', with: { order: { '+': [1, { var: 'event.payment.amount' }] } } }];
  const file = join(folder, 'workflows/shop.json');
  await writeFile(file, JSON.stringify({ name: 'shop', on: { event: 'payment.succeeded' }, steps }));

  const { definition, catalogue } = await openDefinition(file, 'test');
  const { event } = completeEvent({}, definition!);
  const { error } = await simulate({ ...installationOf(catalogue), definition: definition!, event });
  expect(error).toMatchObject({
    type: 'InputInvalid',
    message:
      'Step "tell" (outbound.emit) failed: outbound.emit: the data is no points.added: `order`: expected a text, got a number',
  });
});
