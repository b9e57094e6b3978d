import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { answerOf, apiClient, type ApiClient } from '../../../cli/api-client.ts';
import { createCleanup, type Cleanup } from '../../../cli/compose/cleanup.ts';
import { createRandom } from '../random.ts';
import { killInTurn } from '../killer.ts';
import { type SeparateSystem, startSeparateSystem } from '../separate-system.ts';
import { startSmtpReceiver } from '../smtp-receiver.ts';
import { checkDeliveryFacts } from './check.ts';
import { type Endpoints, startEndpoints } from './endpoints.ts';
import type { DeliveryFacts, RecordedDelivery } from './facts.ts';

export interface DeliveryChaosOptions {
  /** Endpoints times messages. */
  deliveries: number;
  seed: number;
  /** How long the database is away. Longer than the whole retry schedule of the crash test, which is 26 s. */
  outageSeconds: number;
}

interface Deps {
  /** The Temporal CLI. */
  cliPath: string;
  report: (line: string) => void;
  now: () => number;
}

const endpointCount = 10;
const messagesPerSecond = 8;
/** On a busy machine little gets done between two kills. */
const longestKillingMs = 60_000;
const name = 'tell-everybody';
const definition = {
  name,
  on: {
    manual: {
      type: 'object',
      additionalProperties: false,
      properties: { reference: { type: 'string' } },
      required: ['reference'],
    },
  },
  steps: [{ id: 'tell', emit: 'shop.order', with: { reference: '{{event.data.reference}}' } }],
};

/**
 * Has Kait deliver to receivers that fail at random, kills each of its processes again and again, and takes the database away for a while.
 * Resolves to what is known afterwards, and what of it breaks a promise.
 */
export async function runDeliveryChaos(
  options: DeliveryChaosOptions,
  deps: Deps,
): Promise<{ facts: DeliveryFacts; violations: string[]; folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'kait-chaos-deliveries-'));
  const cleanup = createCleanup();
  let isKept = true;
  cleanup.add(async () => {
    if (!isKept) await rm(folder, { recursive: true, force: true });
  });
  try {
    const facts = await play(folder, options, deps, cleanup);
    const violations = checkDeliveryFacts(facts);
    isKept = violations.length > 0;
    return { facts, violations, folder };
  } finally {
    await cleanup.run();
  }
}

async function play(
  folder: string,
  { deliveries, seed, outageSeconds }: DeliveryChaosOptions,
  { cliPath, report, now }: Deps,
  cleanup: Cleanup,
): Promise<DeliveryFacts> {
  const endpoints = await startEndpoints({ random: createRandom(seed, 'endpoints'), now });
  cleanup.add(() => endpoints.stop());
  const mails = await startSmtpReceiver({ random: createRandom(seed, 'mails'), now });
  cleanup.add(() => mails.stop());
  const definitions = join(folder, 'definitions');
  await mkdir(join(definitions, 'workflows'), { recursive: true });
  await writeFile(join(definitions, 'sources.json'), '{}');
  await writeFile(join(definitions, 'workflows', `${name}.json`), JSON.stringify(definition));
  const system = await startSeparateSystem({ folder, cliPath, smtpUrl: mails.url, definitions });
  cleanup.add(() => system.stop());
  for (const victim of system.victims) await victim.start();
  await Promise.all(system.victims.map((victim) => victim.untilReady()));
  const api = apiClient(system.admin, { timeoutMs: 10_000 });
  const ids = await addEndpoints(api, endpoints);
  report('everything is up');

  const messages = Math.ceil(deliveries / endpointCount);
  const latestMs = now() + longestKillingMs + outageSeconds * 1_000;
  const references = Array.from({ length: messages }, (_, index) => `order-${index}`);
  await emit(api, references[0] ?? ''); // Whatever is wrong with it shows before the first kill.
  const emitting = emitAll(api, references);
  const outages: DeliveryFacts['outages'] = [];
  const half = async () => {
    while (endpoints.arrived.length < deliveries / 4) await pause(100);
    outages.push(await outage(system, outageSeconds, { report, now }));
  };
  const away = half();
  const kills = await killInTurn({
    victims: system.victims,
    random: createRandom(seed, 'kills'),
    now,
    progress: () => endpoints.arrived.length,
    isWorthwhile: () => now() < latestMs && endpoints.arrived.length < (deliveries * 3) / 4,
    report,
  });
  await Promise.all([emitting, away]);
  report(`${messages} messages emitted, ${kills.length} kills`);
  const openActivities = await untilDelivered(system, { deliveries, report });
  await system.stopKait();
  const { unaskedExits } = system;
  const recorded = await readDeliveries(system);
  return {
    ...{ endpoints: ids, references, kills, outages, unaskedExits, openActivities },
    ...{ deliveries: recorded, arrived: endpoints.arrived },
  };
}

async function addEndpoints(api: ApiClient, endpoints: Endpoints): Promise<string[]> {
  const ids: string[] = [];
  for (let index = 0; index < endpointCount; index++) {
    const path = `endpoint-${index}`;
    const body = { url: endpoints.urlOf(path), patterns: ['shop.*'] };
    const { id, secret } = await answerOf(api.POST('/endpoints', { body }));
    endpoints.trust(path, { id, secret: secret ?? '' });
    ids.push(id);
  }
  return ids;
}

const tryAgainMs = 500;

/** Each start is repeated until it is accepted, as any client would. The key makes the repetitions one run. */
async function emitAll(api: ApiClient, references: readonly string[]): Promise<void> {
  for (const reference of references) {
    const isStarted = () =>
      emit(api, reference).then(
        () => true,
        () => false,
      );
    while (!(await isStarted())) await pause(tryAgainMs);
    await pause(1_000 / messagesPerSecond);
  }
}

function emit(api: ApiClient, reference: string): Promise<unknown> {
  const body = { input: { reference }, key: reference, reason: 'crash test' };
  return answerOf(api.POST('/definitions/{definition}/runs', { params: { path: { definition: name } }, body }));
}

async function outage(
  { postgres }: SeparateSystem,
  seconds: number,
  { report, now }: Pick<Deps, 'report' | 'now'>,
): Promise<{ fromMs: number; toMs: number }> {
  const fromMs = now();
  report(`the database goes away for ${seconds} s`);
  await postgres.halt();
  await pause(seconds * 1_000);
  await postgres.resume();
  report('the database is back');
  return { fromMs, toMs: now() };
}

const unfinishedSql = `select count(*)::int as count from deliveries where state <> 'delivered'`;
const lookMs = 1_000;
/** How long nothing may change before it counts as stuck: as in `settle.ts`, and the look for overdue deliveries after ten minutes. */
const stuckMs = 660_000;

/** Resolves to what Temporal still works on. What is stuck is found by the check. */
async function untilDelivered(
  system: SeparateSystem,
  { deliveries, report }: { deliveries: number; report: (line: string) => void },
): Promise<string[]> {
  const database = await system.openDatabase();
  const connection = await Connection.connect({ address: system.temporalAddress() });
  const client = new Client({ connection });
  try {
    let last = '';
    for (let sameMs = 0; sameMs < stuckMs; sameMs += lookMs) {
      const [row] = await database.run<{ count: number }>('chaos-unfinished', unfinishedSql, []);
      const stored = await database.run<{ count: number }>(
        'chaos-stored',
        'select count(*)::int as count from deliveries',
        [],
      );
      const open = await client.activity.count(`ExecutionStatus = 'Running'`).catch(() => ({ count: -1 }));
      const present = `${row?.count} of ${stored[0]?.count} not delivered, ${open.count} open in Temporal`;
      if (row?.count === 0 && stored[0]?.count === deliveries && open.count === 0) return [];
      if (present !== last) sameMs = 0;
      if (present !== last) report(present);
      last = present;
      await pause(lookMs);
    }
    const left: string[] = [];
    for await (const { activityId } of client.activity.list(`ExecutionStatus = 'Running'`)) left.push(activityId);
    return left;
  } finally {
    await connection.close();
    await database.close();
  }
}

const recordedSql = `
  select deliveries.endpoint, messages.body, messages.id as "webhookId", deliveries.state, (
    select count(*)::int from attempts where delivery = deliveries.id and status between 200 and 299
  ) as "recordedSuccesses"
  from deliveries join messages on messages.id = deliveries.message`;

async function readDeliveries(system: SeparateSystem): Promise<RecordedDelivery[]> {
  const database = await system.openDatabase();
  try {
    const rows = await database.run<Omit<RecordedDelivery, 'reference'> & { body: string }>(
      'chaos-recorded',
      recordedSql,
      [],
    );
    return rows.map(({ body, ...row }) => {
      const { data } = JSON.parse(body) as { data: { reference: string } };
      return { ...row, reference: data.reference };
    });
  } finally {
    await database.close();
  }
}
