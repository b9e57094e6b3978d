import { apiClient, type ApiClient } from '../../cli/api-client.ts';

/**
 * A client of the API whose answers are given one after the other; the last one is repeated. An error is a connection that fails. `keys` are the
 * idempotency keys and `conditions` the `If-Match` of the requests.
 */
export function fakeApi(...answers: unknown[]): {
  api: ApiClient;
  asked: unknown[];
  keys: (string | null)[];
  conditions: (string | null)[];
} {
  const asked: unknown[] = [];
  const keys: (string | null)[] = [];
  const conditions: (string | null)[] = [];
  const api = apiClient(
    { url: 'http://kait.test', token: 'token-of-the-tests' },
    {
      async fetch(request) {
        const body = await request.text();
        const path = request.url.replace('http://kait.test/api/v1', '');
        keys.push(request.headers.get('idempotency-key'));
        conditions.push(request.headers.get('if-match'));
        asked.push(body === '' ? `${request.method} ${path}` : [`${request.method} ${path}`, JSON.parse(body)]);
        const answer = answers.length > 1 ? answers.shift() : answers[0];
        if (answer instanceof Error) throw answer;
        return answer instanceof Response ? answer.clone() : Response.json(answer);
      },
    },
  );
  return { api, asked, keys, conditions };
}
