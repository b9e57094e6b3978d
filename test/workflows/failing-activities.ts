import { setTimeout as pause } from 'node:timers/promises';
import { cancelled } from '@temporalio/activity';
import { drizzle } from 'drizzle-orm/node-postgres';
import pg from 'pg';
import { pino } from 'pino';
import type { ActivityFunctions } from '../../activities/authorize.ts';
import { activityFailure, type FailureType } from '../../activities/failure-types.ts';
import { createGatewayActivities } from '../../activities/gateway/create-gateway-activities.ts';
import type { Confirmation, GatewayClient, Unanswered } from '../../activities/gateway/gateway-client.ts';
import { createGuardedAgent } from '../../http/guarded-agent.ts';
import { resolveBySystem } from '../../http/resolve.ts';
import { parseNetworks } from '../../http/networks.ts';
import type { SecretBindings } from '../../language/secret-bindings.ts';
import { parseSecretHost, type SecretHost } from '../../language/secret-hosts.ts';
import * as schema from '../../storage/schema.ts';
import { currentAttempt } from '../../worker/current-attempt.ts';
import { activityFixture, recordingTransport } from '../activities/activity-fixture.ts';
import { startHttpReceiver } from '../activities/http-receiver.ts';
import { storeRequest } from '../activities/store-request.ts';
import { openTestDatabase } from '../services/open-test-database.ts';

export interface FailingActivities {
  activities: ActivityFunctions;
  /** Where the receiver of requests listens. */
  origin: string;
  stop(): Promise<void>;
}

/** Kait's own activities, over a world in which they fail as the cases of `failure-cases.ts` say, and some that fail as they are told. */
export async function startFailingActivities(): Promise<FailingActivities> {
  const database = await openTestDatabase();
  const order = { amount: 1, currency: 'IDR', reference: 'INV-9', createdAt: new Date() };
  await database.orm.insert(schema.orders).values([
    { ...order, id: 'ord_canceled', idempotencyKey: 'canceled', status: 'canceled' },
    { ...order, id: 'ord_usd', idempotencyKey: 'usd', currency: 'USD' },
  ]);
  await storeRequest(database, { eventId: 'evt_bare', body: null });
  const nobodyListens = new pg.Pool({ host: '127.0.0.1', port: 1, user: 'kait' });
  const down = { ...database, orm: drizzle(nobodyListens, { schema }) };
  const receiver = await startHttpReceiver();
  receiver.answer((response, { path }) => {
    if (path.startsWith('/status/')) response.writeHead(Number(path.slice('/status/'.length))).end();
    else if (path === '/large') response.end('x'.repeat(300_000));
    else if (path !== '/silent') response.end();
  });
  const dispatcher = createGuardedAgent({ allow: parseNetworks(['127.0.0.0/8']), resolve: resolveBySystem });
  const transport = recordingTransport();
  transport.send = ({ to }) =>
    Promise.reject(activityFailure(to.startsWith('refused') ? 'MailRefused' : 'MailUnavailable', to));
  const world = {
    transport,
    dispatcher,
    attempt: currentAttempt,
    secretBindings: () => Promise.resolve(bindingsFor(receiver.port)),
  };
  const { activities } = activityFixture(database, world);
  return {
    activities: {
      ...activities,
      'outbound.emit': activityFixture(down, world).activities['outbound.emit'], // Another client of the same dialect.
      ...createGatewayActivities({
        gateways: { confirm: ({ eventId }) => Promise.resolve(confirmationOf(eventId)) } as GatewayClient, // Nothing else is asked.
        clock: () => new Date(),
        log: pino({ level: 'silent' }),
        attempt: () => ({ ...currentAttempt(), firstAt: new Date() }),
      }),
      'test.throw': ({ type }: { type: FailureType }) => Promise.reject(activityFailure(type, 'as told')),
      'test.hang': hang,
      'test.hangLocally': hang,
    },
    origin: receiver.origin,
    async stop() {
      await receiver.close();
      await dispatcher.close();
      await nobodyListens.end();
      await database.close();
    },
  };
}

function bindingsFor(port: number): SecretBindings {
  return new Map([
    ['KAIT_SECRET_UNSET', { hosts: [hostOf(`127.0.0.1:${port}`)] }],
    ['KAIT_SECRET_OTHER', { hosts: [hostOf('api.shop.example')] }],
  ]);
}

function hostOf(text: string): SecretHost {
  return parseSecretHost(text) as SecretHost; // It has no problem.
}

function confirmationOf(eventId: string): Confirmation | Unanswered {
  if (eventId === 'impossible') return { kind: 'impossible', reason: 'It lacks an amount' };
  if (eventId === 'refused') return { kind: 'refused', reason: '401' };
  if (eventId === 'unavailable') return { kind: 'unavailable', reason: '503', retryAfter: null };
  return { kind: 'differs', differences: [], receivedAt: new Date() };
}

/** Does not end by itself while the tests look. */
async function hang(): Promise<void> {
  await Promise.race([cancelled(), pause(3_000)]);
}
