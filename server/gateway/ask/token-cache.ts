import { compileSelector, parseSelector } from '../selector.ts';
import type { RequestView } from '../request-view.ts';
import type { Given, Question } from './compile-question.ts';

type TokenOptions = NonNullable<Question['token']>;

/** Access tokens by source, as long as their gateways say that they are good. */
export interface TokenCache {
  find(source: string, given: Given, options: TokenOptions): string | undefined;
  /** Reads the token of an answer, and keeps it. Undefined: the answer has none. */
  keep(source: string, given: Given, options: TokenOptions, answer: RequestView): string | undefined;
  forget(source: string): void;
}

/** Before its end, so that it is still good when it arrives. */
const marginMs = 60_000;

export function createTokenCache(): TokenCache {
  // Of one key, API and request: another one makes the kept token worthless.
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
