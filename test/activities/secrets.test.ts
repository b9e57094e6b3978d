import { describe, expect, it } from 'vitest';
import { readSecret, withoutSecrets } from '../../activities/secrets.ts';

describe('secrets for definitions', () => {
  it.each(['DATABASE_URL', 'kait_secret_a', 'KAIT_SECRET_', 'XKAIT_SECRET_A', 'KAIT_SECRET_A\n', 'KAIT_ADMIN_TOKEN'])(
    'do not include %j, which is not even looked up',
    (name) => {
      const looked: string[] = [];
      const lookup = (asked: string) => {
        looked.push(asked);
        return 'value';
      };
      expect(() => readSecret(lookup, name)).toThrow(expect.objectContaining({ type: 'SecretUnavailable' }));
      expect(looked).toEqual([]);
    },
  );

  it('are unavailable if they are empty', () => {
    expect(() => readSecret(() => '', 'KAIT_SECRET_A')).toThrow('KAIT_SECRET_A is not configured');
    expect(readSecret(() => 'x', 'KAIT_SECRET_A')).toBe('x');
  });

  it('are removed from text, plain and JSON-escaped, the longest first', () => {
    expect(withoutSecrets('a"b a\\"b abc ab', ['a"b', 'ab', 'abc'])).toBe('[secret] [secret] [secret] [secret]');
    expect(withoutSecrets('$& nothing', [])).toBe('$& nothing');
  });
});
