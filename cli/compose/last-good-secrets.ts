import { errorText } from '../../describe-error.ts';
import type { Logger } from 'pino';

type LookupSecret = (name: string) => string | undefined;

/**
 * Keeps the last value of each secret, in memory: if a rotation loses a secret, leaves it empty or makes it unreadable, the value
 * before is used until there is a new one. Logs that once for each loss.
 */
export function keepLastGood(lookupSecret: LookupSecret, log: Pick<Logger, 'error'>): LookupSecret {
  const last = new Map<string, string>();
  const lost = new Set<string>();
  return (name) => {
    const { value, reason } = attempt(name, lookupSecret);
    const before = last.get(name);
    if (value !== '') {
      last.set(name, value);
      lost.delete(name);
      return value;
    }
    if (before === undefined) return lookupSecret(name);
    if (!lost.has(name)) log.error({ variable: name, reason }, 'secret lost, the previous one stays in use');
    lost.add(name);
    return before;
  };
}

function attempt(name: string, lookupSecret: LookupSecret): { value: string; reason: string } {
  try {
    return { value: lookupSecret(name) ?? '', reason: 'unset or empty' };
  } catch (error) {
    return { value: '', reason: errorText(error) };
  }
}
