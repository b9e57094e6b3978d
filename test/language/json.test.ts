import { describe, expect, it } from 'vitest';
import { canonicalJson, type Json } from '../../language/json.ts';
describe('canonical JSON', () => {
  it('is that of the sorting example in RFC 8785, section 3.2.3', () => {
    const example = {
      '\u20ac': 'Euro Sign',
      '\r': 'Carriage Return',
      '\ufb33': 'Hebrew Letter Dalet With Dagesh',
      '1': 'One',
      '\ud83d\ude00': 'Emoji: Grinning Face',
      '\u0080': 'Control',
      '\u00f6': 'Latin Small Letter O With Diaeresis',
    };
    expect(canonicalJson(example)).toBe(
      '{"\\r":"Carriage Return","1":"One","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis",' +
        '"\u20ac":"Euro Sign","\ud83d\ude00":"Emoji: Grinning Face","\ufb33":"Hebrew Letter Dalet With Dagesh"}',
    );
  });

  it.each<[Json, string]>([
    [[333333333.3333333, 1e30, 4.5, 2e-3, 0.000000000000000000000000001], '[333333333.3333333,1e+30,4.5,0.002,1e-27]'],
    [{ b: [true, null, { d: 1, c: 'ä"' }], a: {} }, '{"a":{},"b":[true,null,{"c":"ä\\"","d":1}]}'],
    [-0, '0'],
  ])('of %j is %s', (value, text) => {
    expect(canonicalJson(value)).toBe(text);
  });

  it('does not exist of numbers that JSON lacks', () => {
    expect(() => canonicalJson([NaN])).toThrow('JSON has no NaN');
  });
});
