import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { listen } from '../../../cli/compose/listen.ts';
import { createByteBudget, type ByteBudget } from '../../../server/receiver/byte-budget.ts';
import { findSample } from '../../../server/gateway/sample-files.ts';
import { signRequest, type Sample } from '../../../server/gateway/verify.ts';
import { parsePreset, type Presets } from '../../../server/gateway/presets.ts';
import { mountSources } from '../../../server/gateway/sources.ts';
import type { FetchKey } from '../../../server/gateway/schemes/scheme.ts';
import { createInbox, type Inbox } from '../../../server/inbox.ts';
import type { Shortage } from '../../../server/receiver/overload.ts';
import { createMetrics } from '../../../server/metrics.ts';
import { createReceiver } from '../../../server/receiver/receiver.ts';
import type { ReceiverDeps, ReceiverLimits } from '../../../server/receiver/receiver-routes.ts';
import type { RejectedRequest } from '../../../server/receiver/rejections.ts';
import { createSourceRegistry } from '../../../server/source-registry.ts';
import type { Database } from '../../../storage/database.ts';

const definitions = fileURLToPath(new URL('../../../definitions/gateways/', import.meta.url));
const secret = 'whsec_of_the_tests';
export const pathSecret = 'path-secret/of the tests';
/** The time of all requests. */
export const now = Date.parse('2026-01-01T00:00:10Z');

const stripe = parsePreset('stripe.json', await readFile(`${definitions}stripe.json`, 'utf8')).preset;
if (stripe === null) throw new Error('The preset of Stripe is wrong');
const forms = parsePreset(
  'forms.json',
  JSON.stringify({
    title: 'Forms',
    setup: { where: 'Settings', steps: ['Paste {url}.'], secret: 'the token' },
    verify: { any: [{ scheme: 'token', from: 'form:token' }] },
    body: { multipart: true },
    event: { id: 'form:id', unsignedId: 'a test', type: ['form:type'] },
    redact: ['/token'],
    sampleSecret: null,
  }),
).preset;
if (forms === null) throw new Error('The preset of forms is wrong');
const paypal = parsePreset('paypal.json', await readFile(`${definitions}paypal.json`, 'utf8')).preset;
if (paypal === null) throw new Error('The preset of PayPal is wrong');
const presets: Presets = new Map([
  ['stripe', stripe],
  ['forms', forms],
  ['paypal', paypal],
]);

/** Sources for Stripe, each with one setting that the receiver checks before the signature. */
const sourcesText = JSON.stringify({
  stripe: { gateway: 'stripe', secrets: ['STRIPE'] },
  limited: { gateway: 'stripe', secrets: ['STRIPE'], rateLimit: { perSecond: 0.1, burst: 2 } },
  'limited-by-address': { gateway: 'stripe', secrets: ['STRIPE'], addressRateLimit: { perSecond: 0.1, burst: 2 } },
  'from-afar': { gateway: 'stripe', secrets: ['STRIPE'], allowFrom: ['203.0.113.0/24'] },
  hidden: { gateway: 'stripe', secrets: ['STRIPE'], pathSecret: 'PATH', paths: ['/hidden/notify'] },
  forms: { gateway: 'forms', secrets: ['STRIPE'] },
  paypal: { gateway: 'paypal', settings: { webhookId: '3KT0128493715460H' } },
  prescribed: { gateway: 'stripe', secrets: ['STRIPE'], paths: ['/v1.0/debit/notify'] },
});

export interface OpenReceiver {
  app: FastifyInstance;
  url: string;
  port: number;
  bodies: ByteBudget;
  /** The rejected requests, in order. */
  rejections: RejectedRequest[];
  /** The log as text. */
  logged: () => string;
}

export interface ReceiverOptions {
  /** Default: 127.0.0.1. */
  host?: string;
  limits?: Partial<ReceiverLimits>;
  trustedProxies?: string[];
  shortage?: () => Shortage | null;
  bodies?: ByteBudget;
  onQueueFull?: () => void;
  /** Default: no keys are fetched. */
  fetchKey?: FetchKey;
}

/** Opens a receiver on a free loopback port, with the test's inbox. */
export async function openReceiver(inbox: ReceiverDeps['inbox'], options: ReceiverOptions = {}): Promise<OpenReceiver> {
  const rejections: RejectedRequest[] = [];
  const lines: string[] = [];
  const bodies = options.bodies ?? createByteBudget({ total: 64 * 2 ** 20, each: 32 * 2 ** 20 });
  const lookupSecret = (name: string) => (name === 'PATH' ? pathSecret : secret);
  const deps: ReceiverDeps = {
    sources: createSourceRegistry(
      mountSources({
        ...{ presets, sourcesText, file: 'sources.json', lookupSecret, publicUrl: 'http://kait.test' },
        fetchKey: options.fetchKey,
      }),
    ),
    inbox,
    isWanted: ({ type }) => type === 'payment.succeeded',
    metrics: createMetrics(() => Promise.resolve(0)),
    rejections: { record: (rejection) => rejections.push(rejection) > 0 },
    overload: { shortage: options.shortage ?? (() => null), noteQueueFull: options.onQueueFull ?? (() => undefined) },
    bodies,
    limits: {
      ...{ bodyBytes: 2 ** 20, headerBytes: 16 * 2 ** 10, connections: 2_000, requestTimeoutMs: 500 },
      ...options.limits,
    },
    trustedProxies: options.trustedProxies ?? [],
    log: pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) }),
    now: () => now,
  };
  const app = createReceiver(deps);
  const url = await listen(app, { host: options.host ?? '127.0.0.1', port: 0, setting: 'KAIT_PORT' });
  return { app, url, port: Number(new URL(url).port), bodies, rejections, logged: () => lines.join('') };
}

/** An inbox that claims nothing, because nothing dispatches its events. */
export function inboxOf(database: Database): Inbox {
  return createInbox({ database, wantsClaim: () => false, onStored: () => undefined });
}

/** A correctly signed Stripe request, with the test's changes made before signing. */
export async function signed(changes: Partial<Sample> = {}, atMs = now) {
  const sample = await findSample(`${definitions}samples`, 'stripe', 'payment_intent.succeeded');
  return signRequest(stripe!, { ...sample, ...changes }, { secret, settings: {} }, atMs);
}
