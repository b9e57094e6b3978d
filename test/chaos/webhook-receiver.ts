import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { Webhook } from 'standardwebhooks';
import type { ArrivedWebhook } from './facts.ts';
import { startHttpReceiver } from './http-receiver.ts';
import type { Random } from './random.ts';

export interface WebhookReceiver {
  url: string;
  arrived: ArrivedWebhook[];
  /** Sets the secret that Kait gave for this endpoint. */
  trust(secret: string): void;
  stop(): Promise<void>;
}

/** As in `smtp-receiver.ts`. */
const slowestAnswerMs = 400;
/** Answered with 503, so that some deliveries wait for their next attempt when a kill comes. */
const refusedShare = 0.1;

/** Another team's server: writes down what it has accepted, and at times is busy. */
export async function startWebhookReceiver(deps: { random: Random; now: () => number }): Promise<WebhookReceiver> {
  const arrived: ArrivedWebhook[] = [];
  let webhook: Webhook | undefined;
  const receive = async (request: IncomingMessage, response: ServerResponse) => {
    const body = await text(request);
    if (deps.random.chance(refusedShare)) {
      response.writeHead(503).end();
      return;
    }
    arrived.push({ ...readWebhook(request, body, webhook), atMs: deps.now() });
    await pause(deps.random.between(0, slowestAnswerMs));
    response.writeHead(204).end();
  };
  const { url, stop } = await startHttpReceiver(receive);
  return {
    url: `${url}/orders`,
    arrived,
    trust(secret) {
      webhook = new Webhook(secret);
    },
    stop,
  };
}

function readWebhook(request: IncomingMessage, body: string, webhook: Webhook | undefined) {
  return {
    webhookId: String(request.headers['webhook-id']),
    reference: referenceOf(body),
    verified: webhook !== undefined && passes(() => webhook.verify(body, request.headers as Record<string, string>)),
  };
}

/** The order's reference in the body of an `order.created`. */
export function referenceOf(body: string): string {
  return (JSON.parse(body) as { data: { reference: string } }).data.reference;
}

function passes(check: () => unknown): boolean {
  try {
    check();
    return true;
  } catch {
    return false;
  }
}
