import { compileSelector, parseSelector } from '../selector.ts';
import type { RequestView } from '../request-view.ts';
import type { Given, Question } from './compile-question.ts';

type TokenOptions = NonNullable<Question['token']>;

/** Access tokens by source, each kept for the lifetime that its gateway gave it. */
export interface TokenCache {
  find(source: string, given: Given, options: TokenOptions): string | undefined;
  /** Reads the token from an answer and keeps it. Undefined if the answer has no token. */
  keep(source: string, given: Given, options: TokenOptions, answer: RequestView): string | undefined;
  forget(source: string): void;
}

/** A token counts as expired this long before its end, so that it is still valid when it arrives. */
const marginMs = 60_000;

export function createTokenCache(): TokenCache {
  // A token belongs to one API, key and request. If any of them changes, it is not used.
  const kept = new Map<string, { token: string; of: string; untilMs: number }>();
  const madeOf = ({ apiUrl, key }: Given, { request }: TokenOptions) => [apiUrl, key, request.target].join('\n');
  return {
    find(source, given, options) {
      const entry = kept.get(source);
      if (entry?.of !== madeOf(given, options) || given.nowMs >= entry.untilMs) return undefined;
      return entry.token;
    },
    keep(source, given, options, answer) {
      const token = compileSelector(parseSelector(options.at, ['json']))(answer);
      if (token === undefined || token === '') return undefined;
      kept.set(source, { token, of: madeOf(given, options), untilMs: given.nowMs + goodForMs(options, answer) });
      return token;
    },
    forget: (source) => void kept.delete(source),
  };
}

function goodForMs({ expiresIn }: TokenOptions, answer: RequestView): number {
  if (expiresIn === undefined) return 0;
  const seconds = Number(compileSelector(parseSelector(expiresIn, ['json']))(answer) ?? 0);
  return Number.isFinite(seconds) ? seconds * 1_000 - marginMs : 0;
}
