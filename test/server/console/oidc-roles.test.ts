import { expect, it } from 'vitest';
import { readRoleRule, scopeOf } from '../../../server/console/oidc-roles.ts';

it.each([
  ['groups=admins:admin', { claim: 'groups', value: 'admins', scope: 'admin' }],
  ['groups=a=b:c:operator', { claim: 'groups', value: 'a=b:c', scope: 'operate' }],
  ['https://example.com/roles=x:viewer', { claim: 'https://example.com/roles', value: 'x', scope: 'read' }],
  ['groups=admins', null],
  ['groups=admins:root', null],
  ['groups=admins:read', null],
  ['=admins:admin', null],
  ['groups=:admin', null],
  ['', null],
])('reads the rule %j', (text, rule) => {
  expect(readRoleRule(text)).toEqual(rule);
});

const rules = [
  readRoleRule('groups=staff:viewer')!,
  readRoleRule('groups=admins:admin')!,
  readRoleRule('constructor=x:admin')!,
];

it.each([
  [{ groups: ['staff'] }, 'read'],
  [{ groups: 'staff' }, 'read'],
  [{ groups: ['staff', 'admins'] }, 'admin'],
  [{ groups: ['admins', 1, null, {}] }, 'admin'],
  [{ groups: [['admins']] }, null],
  [{ groups: 'staff admins' }, null],
  [{ groups: null }, null],
  [{}, null],
])('finds the highest role in %j: %s', (claims, scope) => {
  expect(scopeOf(claims, rules)).toBe(scope);
});
