import { isHeaderName, isHeaderOfConnection } from '../language/header-names.ts';
import type { ActivityInput } from './catalogue.ts';
import { activityFailure } from './failure-types.ts';
import { type LookupSecret, readSecret } from './secrets.ts';

const headerText = /^[\t\x20-\x7e\x80-\xff]*$/;

/**
 * The headers of a step's request with their secrets filled in, and those secrets, which the answer must not bring back.
 * Names come out in lower case. Throws `InputInvalid` or `SecretUnavailable`; neither shows a value.
 */
export function requestHeaders(
  { headers = {}, body }: Pick<ActivityInput<'http.request'>, 'headers' | 'body'>,
  deps: { lookupSecret: LookupSecret; userAgent: string; idempotencyKey: string },
): { headers: Record<string, string>; secrets: string[] } {
  const secrets: string[] = [];
  const given = Object.entries(headers).map(([name, value]) => {
    const text = typeof value === 'string' ? value : readSecret(deps.lookupSecret, value.secret);
    if (typeof value !== 'string') secrets.push(text);
    checkHeader(name, text);
    return [name.toLowerCase(), text] as const;
  });
  return {
    headers: {
      'user-agent': deps.userAgent,
      'idempotency-key': deps.idempotencyKey,
      ...(body !== undefined && {
        'content-type': typeof body === 'string' ? 'text/plain; charset=utf-8' : 'application/json',
      }),
      ...Object.fromEntries(given),
    },
    secrets,
  };
}

function checkHeader(name: string, text: string): void {
  if (!isHeaderName(name) || isHeaderOfConnection(name)) {
    throw activityFailure('InputInvalid', `http.request: \`headers\`: ${JSON.stringify(name)} cannot be set`);
  }
  if (!headerText.test(text)) {
    throw activityFailure(
      'InputInvalid',
      `http.request: \`headers.${name}\`: the value holds characters that no header can`,
    );
  }
}
