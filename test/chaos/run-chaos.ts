import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { answerOf, apiClient } from '../../cli/api-client.ts';
import { createCleanup, type Cleanup } from '../../cli/compose/cleanup.ts';
import { checkFacts } from './check.ts';
import { collectFromDatabase, collectFromTemporal, type DatabaseFacts, type TemporalFacts } from './collect-facts.ts';
import { startEffectReceiver, type EffectReceiver } from './effect-receiver.ts';
import type { Facts, SentEvent } from './facts.ts';
import { killInTurn } from './killer.ts';
import { startOperator } from './operator.ts';
import { createSteering } from './steering.ts';
import type { ChaosOptions, Mode } from './options.ts';
import { createRandom } from './random.ts';
import type { Outcome } from './report.ts';
import { startSender } from './sender.ts';
import { startSeparateSystem } from './separate-system.ts';
import { untilSettled } from './settle.ts';
import { createSignEvent } from './sign-event.ts';
import { startSmtpReceiver, type SmtpReceiver } from './smtp-receiver.ts';
import type { System } from './system.ts';
import { startTogetherSystem } from './together-system.ts';
import { startWebhookReceiver, type WebhookReceiver } from './webhook-receiver.ts';
import { changeDefinitions, writeDefinitions } from './write-definitions.ts';

export interface ChaosDeps {
  /** The Temporal CLI. */
  cliPath: string;
  report: (line: string) => void;
  now: () => number;
}

/** Runs the modes side by side, since most of a run is waiting for what the killed had claimed. */
export async function runChaos(options: ChaosOptions, deps: ChaosDeps): Promise<Outcome[]> {
  return Promise.all(
    options.modes.map((mode) =>
      runMode(mode, options, { ...deps, report: (line) => deps.report(`${mode.padEnd(8)} ${line}`) }),
    ),
  );
}

async function runMode(mode: Mode, options: ChaosOptions, deps: ChaosDeps): Promise<Outcome> {
  const startMs = deps.now();
  const folder = await mkdtemp(join(tmpdir(), `kait-chaos-${mode}-`));
  const cleanup = createCleanup();
  let kept = true;
  cleanup.add(async () => {
    if (!kept) await rm(folder, { recursive: true, force: true });
  });
  try {
    const scene = await setScene(mode, folder, options, deps, cleanup);
    const facts = await play(scene, deps, cleanup);
    const violations = checkFacts(facts);
    kept = violations.length > 0;
    return { mode, facts, violations, seconds: (deps.now() - startMs) / 1_000, folder };
  } finally {
    await cleanup.run();
  }
}

/** Everything that a run of one mode works with. */
interface Scene {
  system: System;
  mails: SmtpReceiver;
  webhooks: WebhookReceiver;
  effects: EffectReceiver;
  events: number;
  seed: number;
}

/** What `kait up` gets of the events: each of its restarts costs the most. */
const shareTogether = 0.2;

async function setScene(
  mode: Mode,
  folder: string,
  { events, seed }: ChaosOptions,
  { cliPath, now, report }: ChaosDeps,
  cleanup: Cleanup,
): Promise<Scene> {
  const mails = await startSmtpReceiver({ random: createRandom(seed, `${mode} mails`), now });
  cleanup.add(() => mails.stop());
  const webhooks = await startWebhookReceiver({ random: createRandom(seed, `${mode} webhooks`), now });
  cleanup.add(() => webhooks.stop());
  const startSystem = mode === 'separate' ? startSeparateSystem : startTogetherSystem;
  const effects = await startEffectReceiver({ random: createRandom(seed, `${mode} effects`), now });
  cleanup.add(() => effects.stop());
  const definitions = join(folder, 'definitions');
  await writeDefinitions(definitions, effects.url);
  const system = await startSystem({ folder, cliPath, smtpUrl: mails.url, definitions });
  cleanup.add(() => system.stop());
  for (const victim of system.victims) await victim.start();
  await Promise.all(system.victims.map((victim) => victim.untilReady()));
  webhooks.trust(await addEndpoint(system, webhooks.url));
  await changeDefinitions(definitions, effects.url);
  report('everything is up');
  const share = mode === 'separate' ? 1 : shareTogether;
  return { system, mails, webhooks, effects, seed, events: Math.ceil(events * share) };
}

/** Resolves to the endpoint's secret. */
async function addEndpoint({ admin }: System, url: string): Promise<string> {
  const body = { url, patterns: ['order.*'] };
  return (await answerOf(apiClient(admin).POST('/endpoints', { body }))).secret ?? '';
}

/**
 * Events come for at least this long, so that several kills fall among them, and at most at this rate. The killing goes on
 * until half of the work is done, lest most of it should happen in the calm afterwards; for twice as long at most.
 */
const leastLoadMs = 12_000;
const eventsPerSecond = 25;

async function play(scene: Scene, { now, report }: ChaosDeps, cleanup: Cleanup): Promise<Facts> {
  const { system, mails, webhooks, effects, events, seed } = scene;
  const durationMs = Math.max(leastLoadMs, (events / eventsPerSecond) * 1_000);
  const latestMs = now() + 2 * durationMs;
  const sender = startSender({
    receiverUrl: system.receiverUrl,
    events,
    durationMs,
    seed,
    sign: await createSignEvent({ now }),
    random: createRandom(seed, 'copies'),
    now,
  });
  let servesChanged = false; // The first server has read the definitions before they were changed.
  const victims = system.victims.map((victim) => {
    if (victim.name !== 'server' && victim.name !== 'kait') return victim;
    const kill = async () => {
      await victim.kill();
      servesChanged = true;
    };
    return { ...victim, kill };
  });
  const steering = createSteering({
    ...{ admin: system.admin, sent: sender.sent, arrived: effects.arrived, mended: effects.mended, now },
    effectUrl: effects.url,
    servesChanged: () => servesChanged,
  });
  const operator = startOperator({
    steering,
    temporalAddress: () => system.temporalAddress(),
    sent: sender.sent,
    arrived: effects.arrived,
  });
  cleanup.add(() => operator.stop());
  const kills = await killInTurn({
    victims,
    random: createRandom(seed, 'kills'),
    now,
    progress: () => mails.arrived.length + webhooks.arrived.length + effects.arrived.length,
    isWorthwhile: () => !sender.isFinished() || (now() < latestMs && webhooks.arrived.length < events / 2),
    report,
  });
  await sender.finished;
  report(`${events} events sent, ${kills.length} kills`);
  const fromTemporal = await settleAndAsk(scene, sender.sent, report);
  await operator.stop();
  await system.stopKait();
  return {
    sent: sender.sent,
    refusals: sender.refusals,
    kills,
    unaskedExits: system.unaskedExits,
    ...fromTemporal,
    ...(await readDatabase(system)),
    arrivedMails: mails.arrived,
    arrivedWebhooks: webhooks.arrived,
    arrivedEffects: effects.arrived,
    commands: steering.commands,
  };
}

/** What does not settle in time is found by the check, which can say of each event what is missing. */
async function settleAndAsk(
  { system, mails, webhooks, effects }: Scene,
  sent: SentEvent[],
  report: (line: string) => void,
): Promise<TemporalFacts> {
  const connection = await Connection.connect({ address: system.temporalAddress() });
  try {
    const client = new Client({ connection });
    const arrived = {
      arrivedMails: mails.arrived,
      arrivedWebhooks: webhooks.arrived,
      arrivedEffects: effects.arrived,
    };
    const settled = await untilSettled({ receiverUrl: system.receiverUrl, client, sent, ...arrived, report });
    report(settled ? 'everything has settled' : 'not everything has settled in time');
    return await collectFromTemporal(client);
  } finally {
    await connection.close();
  }
}

async function readDatabase(system: System): Promise<DatabaseFacts> {
  const database = await system.openDatabase();
  try {
    return await collectFromDatabase(database);
  } finally {
    await database.close();
  }
}
