import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { once } from 'node:events';

/** An outbound webhook that arrived. */
export interface ArrivedWebhook {
  id: string;
  type: string;
  data: unknown;
  /** Whether the signature is right, by the rules of Standard Webhooks. */
  verified: boolean;
}

export interface DemoReceiver {
  url: string;
  arrived: ArrivedWebhook[];
  /** Sets the secret that Kait generated for this endpoint. */
  trust(secret: string): void;
  stop(): Promise<void>;
}

/** A receiver as another team would write it: verifies each webhook, and answers 204, or 400 if the signature is wrong. */
export async function startDemoReceiver(): Promise<DemoReceiver> {
  const arrived: ArrivedWebhook[] = [];
  let secret: string | undefined;
  const server = createServer((request, response) => {
    void readBody(request).then((body) => {
      const { type, data } = JSON.parse(body) as { type: string; data: unknown };
      const verified = secret !== undefined && isSigned(request.headers, body, secret);
      arrived.push({ id: String(request.headers['webhook-id']), type, data, verified });
      response.writeHead(verified ? 204 : 400).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}/webhooks`,
    arrived,
    trust(endpointSecret) {
      secret = endpointSecret;
    },
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer); // A request stream without an encoding yields Buffers.
  return Buffer.concat(chunks).toString('utf8');
}

/** What a receiver does without a library for it (https://www.standardwebhooks.com). It shares no code with what signs. */
function isSigned(headers: IncomingHttpHeaders, body: string, secret: string): boolean {
  const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures } = headers;
  const ageSeconds = Math.abs(Date.now() / 1_000 - Number(timestamp));
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const expected = createHmac('sha256', key)
    .update(`${String(id)}.${String(timestamp)}.${body}`)
    .digest();
  const given = String(signatures).split(' ');
  return ageSeconds < 300 && given.some((each) => each.startsWith('v1,') && isEqual(each.slice(3), expected));
}

function isEqual(base64: string, expected: Buffer): boolean {
  const given = Buffer.from(base64, 'base64');
  return given.length === expected.length && timingSafeEqual(given, expected);
}
