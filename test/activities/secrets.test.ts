import { describe, expect, it } from 'vitest';
import { readSecret } from '../../activities/secrets.ts';

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
    expect(readSecret(() => 'x4711-ab', 'KAIT_SECRET_A')).toBe('x4711-ab');
  });

  it('are not sent if they are so short that an answer could not be searched for them', () => {
    expect(() => readSecret(() => 'x4711-a', 'KAIT_SECRET_A')).toThrow(
      'KAIT_SECRET_A is so short that Kait could not tell it from ordinary text in an answer. Use at least 8 characters',
    );
  });
});
