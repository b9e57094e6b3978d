import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { Webhook } from 'standardwebhooks';
import { startHttpReceiver } from '../http-receiver.ts';
import type { Random } from '../random.ts';
import type { ArrivedDelivery } from './facts.ts';

export interface Endpoints {
  urlOf: (path: string) => string;
  arrived: ArrivedDelivery[];
  /** Says which endpoint of Kait's has this path, and what it signs with. */
  trust: (path: string, endpoint: { id: string; secret: string }) => void;
  stop: () => Promise<void>;
}

/** Of the requests, so many are refused at once, and so many lose their connection. */
const refusedShare = 0.15;
const cutShare = 0.05;
/** Some take so long, so that kills and outages fall between the acceptance and the record. */
const slowestAnswerMs = 300;

/** Receivers that fail fast at random, one for each path. */
export async function startEndpoints({ random, now }: { random: Random; now: () => number }): Promise<Endpoints> {
  const arrived: ArrivedDelivery[] = [];
  const known = new Map<string, { id: string; webhook: Webhook }>();
  const receive = async (request: IncomingMessage, response: ServerResponse) => {
    const body = await text(request);
    if (random.chance(refusedShare)) {
      response.writeHead(503).end();
      return;
    }
    if (random.chance(cutShare)) {
      request.socket.destroy(); // The request has been read: destroying that would leave the client waiting.
      return;
    }
    arrived.push({ ...read(request, body), atMs: now() });
    await pause(random.between(0, slowestAnswerMs));
    response.writeHead(204).end();
  };

  function read({ url = '', headers }: IncomingMessage, body: string) {
    const { data } = JSON.parse(body) as { data: { reference: string } };
    const endpoint = known.get(url.slice(1));
    const webhookId = String(headers['webhook-id']);
    return { endpoint: endpoint?.id ?? url, reference: data.reference, webhookId, verified: isSigned() };

    function isSigned(): boolean {
      try {
        return endpoint?.webhook.verify(body, headers as Record<string, string>) !== undefined;
      } catch {
        return false;
      }
    }
  }

  const { url, stop } = await startHttpReceiver(receive);
  return {
    urlOf: (path) => `${url}/${path}`,
    arrived,
    trust: (path, { id, secret }) => void known.set(path, { id, webhook: new Webhook(secret) }),
    stop,
  };
}
