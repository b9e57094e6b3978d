import { describe, expect, it } from 'vitest';
import {
  type ApprovalRules,
  outcomeOf,
  type Person,
  personKey,
  refusalByRole,
  refusalOf,
} from '../../language/approval.ts';

const rules = (changes: Partial<ApprovalRules> = {}): ApprovalRules => ({
  ...{ min: 1, roles: [], people: [], notBy: null, needsReason: false },
  ...changes,
});
const ana: Person = { id: 'ana', name: 'Ana', mail: 'ana@shop.example', roles: ['finance'] };

it.each([
  ['ana', 'ANA'],
  ['ana', '  ana '],
  ['ana maria', 'Ana \u00a0 Maria'],
  ['M\u00fcller', 'mu\u0308ller'],
  ['\u212B', '\u00e5'],
])('takes %j and %j for one person', (one, other) => {
  expect(personKey(one)).toBe(personKey(other));
});

it('takes people with other names for others', () => {
  expect(personKey('ana')).not.toBe(personKey('\u0430na')); // The first letter is Cyrillic.
});

describe('an answer', () => {
  it.each<[string, Partial<ApprovalRules>, { by: string; reason?: string | null }, string[], string | null]>([
    ['of anybody counts', {}, { by: 'x' }, [], null],
    ['of somebody who has answered does not', {}, { by: 'Ana' }, ['ana '], 'already-decided'],
    ['of the requester does not', { notBy: 'ANA' }, { by: 'ana' }, [], 'is-requester'],
    ['of the requester does not, even if named', { notBy: 'ana', people: ['ana'] }, { by: 'ana' }, [], 'is-requester'],
    ['of somebody who is not named does not', { people: ['budi'] }, { by: 'ana' }, [], 'not-permitted'],
    [
      'of somebody who may have a role is left to the worker',
      { people: ['budi'], roles: ['x'] },
      { by: 'ana' },
      [],
      null,
    ],
    ['without the reason does not', { needsReason: true }, { by: 'ana', reason: '\n ' }, [], 'reason-missing'],
    ['with the reason null does not', { needsReason: true }, { by: 'ana', reason: null }, [], 'reason-missing'],
  ])('%s', (_what, changes, answer, before, refusal) => {
    expect(refusalOf(rules(changes), { approved: true, ...answer }, before)).toBe(refusal);
  });

  it.each<[string, Partial<ApprovalRules>, Person | undefined, string | null]>([
    ['counts with the role', { roles: ['finance'] }, ana, null],
    ['counts with one of the roles', { roles: ['owner', 'finance'] }, ana, null],
    ['does not count with another role', { roles: ['owner'] }, ana, 'not-permitted'],
    ['of somebody unknown has no role', { roles: ['finance'] }, undefined, 'not-permitted'],
    ['of somebody named counts without a role', { roles: ['owner'], people: ['ANA'] }, undefined, null],
    ['of the requester does not count, known by the address', { notBy: 'ANA@shop.example' }, ana, 'is-requester'],
  ])('%s', (_what, changes, person, refusal) => {
    expect(refusalByRole(rules(changes), 'ana', person)).toBe(refusal);
  });
});

it.each<[boolean[], number, boolean | null]>([
  [[], 1, null],
  [[true], 1, true],
  [[true], 2, null],
  [[true, true], 2, true],
  [[false], 1, false],
  [[true, false], 2, false],
  [[false, true, true], 2, false],
])('of the answers %j, where %i are needed, decides %j', (answers, min, decided) => {
  expect(
    outcomeOf(
      { min },
      answers.map((approved) => ({ approved })),
    ),
  ).toBe(decided);
});
