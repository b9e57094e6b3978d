import { createServer, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { Webhook } from 'standardwebhooks';

/** An outbound webhook that arrived. */
export interface ArrivedWebhook {
  id: string;
  type: string;
  data: unknown;
  /** Whether the official `standardwebhooks` package accepts the signature. */
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
  let webhook: Webhook | undefined;
  const server = createServer((request, response) => {
    void readBody(request).then((body) => {
      const seen = verify(webhook, request, body);
      arrived.push(seen);
      response.writeHead(seen.verified ? 204 : 400).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}/webhooks`,
    arrived,
    trust(secret) {
      webhook = new Webhook(secret);
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

function verify(webhook: Webhook | undefined, request: IncomingMessage, body: string): ArrivedWebhook {
  const id = String(request.headers['webhook-id']);
  const { type, data } = JSON.parse(body) as { type: string; data: unknown };
  try {
    webhook?.verify(body, request.headers as Record<string, string>);
    return { id, type, data, verified: webhook !== undefined };
  } catch {
    return { id, type, data, verified: false };
  }
}
