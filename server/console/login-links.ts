import { randomBytes } from 'node:crypto';
import { equalsAny } from '../equals-any.ts';

/** Codes that log in whoever opens the link with one, once. They are in memory only: a restart ends them. */
export interface LoginLinks {
  /** A new code, for a person of this name. */
  create(name: string): string;
  /** Uses a code up. Null: it was used before, has expired, or is none. */
  redeem(code: string): { name: string } | null;
}

export const linkMinutes = 10;
const mostOpen = 20;

/** `now` is in milliseconds. */
export function createLoginLinks(now: () => number): LoginLinks {
  let open: { code: string; name: string; expiresMs: number }[] = [];
  return {
    create(name) {
      const code = randomBytes(32).toString('base64url');
      open = [...open, { code, name, expiresMs: now() + linkMinutes * 60_000 }].slice(-mostOpen);
      return code;
    },
    redeem(code) {
      open = open.filter(({ expiresMs }) => expiresMs > now());
      const found = open.find((each) => equalsAny(code, [each.code]));
      if (found === undefined) return null;
      open = open.filter((each) => each !== found);
      return { name: found.name };
    },
  };
}
