import { expect, it } from 'vitest';
import { activityPath, runPath } from '../../../cli/compose/web-ui.ts';

it('names the page of a run', () => {
  expect(runPath('default', 'kait-1/order/shop/evt 1')).toBe(
    '/namespaces/default/workflows/kait-1%2Forder%2Fshop%2Fevt%201',
  );
});

it('names the page of an activity that belongs to no workflow, each time that it was started', () => {
  const path = activityPath('default', 'kait-1/delivery/dlv_1');
  const { pathname, searchParams } = new URL(path, 'http://127.0.0.1');
  expect(pathname).toBe('/namespaces/default/activities');
  expect(searchParams.get('query')).toBe('`ActivityId`="kait-1/delivery/dlv_1"');
});
