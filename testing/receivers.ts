import { MockAgent } from 'undici';
import { parseSecretHost, type SecretHost } from '../language/secret-hosts.ts';
import type { ReceivedRequest, ReceiverAnswer, Receivers } from './received-request.ts';

export interface StartedReceivers {
  dispatcher: MockAgent;
  /** Where secrets may be sent. */
  hosts: SecretHost[];
  /** Every request, in order. */
  received: ReceivedRequest[];
  /** Those that had an effect: of each key, the first. */
  effects: ReceivedRequest[];
}

/** Receivers that honour idempotency keys: a repeat gets the answer of the first request with its key, which alone reaches the function. */
export function startReceivers(receivers: Receivers): StartedReceivers {
  const dispatcher = new MockAgent();
  dispatcher.disableNetConnect();
  const received: ReceivedRequest[] = [];
  const effects: ReceivedRequest[] = [];
  const answers = new Map<string, ReceiverAnswer>();
  for (const [given, answer] of Object.entries(receivers)) {
    const { origin } = new URL(given);
    const take = (request: ReceivedRequest): ReceiverAnswer => {
      received.push(request);
      const known = answers.get(request.key);
      if (known !== undefined) return known;
      effects.push(request);
      const first = answer(request);
      answers.set(request.key, first);
      return first;
    };
    dispatcher
      .get(origin)
      .intercept({ path: () => true, method: () => true })
      .reply(({ path, method, headers, body }) => replyOf(take(requestOf({ origin, path, method, headers, body }))))
      .persist();
  }
  const hosts = Object.keys(receivers).map((origin) => parseSecretHost(new URL(origin).host) as SecretHost); // A host of a URL.
  return { dispatcher, hosts, received, effects };
}

function requestOf(given: {
  origin: string;
  path: string;
  method: string;
  headers: unknown;
  body?: unknown;
}): ReceivedRequest {
  const headers = Object.fromEntries(
    Object.entries(given.headers as Record<string, string>).map(([name, value]) => [name.toLowerCase(), value]),
  );
  const body = given.body instanceof Uint8Array ? Buffer.from(given.body).toString('utf8') : ''; // `fetch` sends bytes.
  const key = headers['idempotency-key'] ?? '';
  return { method: given.method, url: `${given.origin}${given.path}`, headers, body, key };
}

function replyOf({ status = 200, headers = {}, body = '' }: ReceiverAnswer) {
  const isText = typeof body === 'string';
  const type = isText ? 'text/plain' : 'application/json';
  return {
    statusCode: status,
    data: isText ? body : JSON.stringify(body),
    responseOptions: { headers: { 'content-type': type, ...headers } },
  };
}
