import { expect, it } from 'vitest';
import { subjectLink } from '../../console/pages/audit/subject.ts';

it.each([
  ['skip', 'kait/order/stripe/evt_1', '/runs/kait%2Forder%2Fstripe%2Fevt_1'],
  ['reveal', 'stripe/evt/1', '/events/stripe/evt%2F1'],
  ['pause-endpoint', 'endpoint ep_1', '/endpoints/ep_1'],
  ['remove-endpoint', 'endpoint ep_1', null],
  ['retry-delivery', 'delivery dlv_1', '/deliveries/dlv_1'],
  ['add-portal-link', 'tenant acme & co', '/endpoints?tenant=acme+%26+co'],
  ['publish', 'published set 4', '/definitions'],
  ['pause-schedule', 'nightly', '/definitions/nightly'],
  ['cancel', 'replay rpl_1', null],
  ['retry-deliveries', 'replay rpl_1', null],
  ['add-key', 'API key k1', null],
  ['log-in', 'session s1', null],
  ['reveal', 'nonsense', null],
])('leads from %s of %s to %s', (action, target, href) => {
  expect(subjectLink({ action, target })).toBe(href);
});
