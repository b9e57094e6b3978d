import { describe, expect, it } from 'vitest';
import { fileOf, nameIn, testsOf } from '../../console/pages/playground/published-file.ts';

const files = {
  'workflows/paid.json': '{ "name": "refund" }',
  'workflows/Shop.json': '{\n  // Ours.\n  "name": "paid", }',
  'workflows/Shop.test.json': '{ "name": "paid" }',
  'workflows/broken.json': '{ "name": ',
  'mails/thanks.json': '{ "name": "thanks" }',
};

describe('the file of a published set', () => {
  it('is the one that defines the name, whatever it is called', () => {
    expect(fileOf(files, 'paid')).toEqual({ path: 'workflows/Shop.json', text: files['workflows/Shop.json'] });
  });

  it('is a new one for a new definition', () => {
    expect(fileOf(files, 'thanks')).toEqual({ path: 'workflows/thanks.json', text: null });
  });

  it.each(['constructor', '__proto__', 'toString'])('is a new one for %s', (name) => {
    expect(fileOf({}, name)).toEqual({ path: `workflows/${name}.json`, text: null });
  });

  it('takes the place of no other definition', () => {
    const others = { 'workflows/Thanks.json': '{ "name": "other" }', 'workflows/thanks-2.json': '{}' };
    expect(fileOf(others, 'thanks')).toEqual({ path: 'workflows/thanks-3.json', text: null });
  });

  it('has its tests beside it', () => {
    expect(testsOf(files, { path: 'workflows/Shop.json' })).toEqual({
      ...{ path: 'workflows/Shop.test.json', text: '{ "name": "paid" }' },
    });
    expect(testsOf(files, { path: 'workflows/new.json' })).toEqual({ path: 'workflows/new.test.json', text: null });
  });
});

it.each([
  ['{ "name": "paid" }', 'paid'],
  ['{ "name": 7 }', null],
  ['null', null],
  ['[]', null],
  ['', null],
  ['{"__proto__": {"name": "paid"}}', null],
  ['"name"', null],
])('reads the name in %s as %j', (text, name) => {
  expect(nameIn(text)).toBe(name);
});
