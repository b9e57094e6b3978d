import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { activityInfo } from '@temporalio/activity';
import type { NativeConnection } from '@temporalio/worker';
import type { Logger } from 'pino';
import { createActivities, createDeliveryActivities } from '../../activities/create-activities.ts';
import { createFetchActivities, createGatewayActivities } from '../../activities/gateway/create-gateway-activities.ts';
import { createApprovalActivities } from '../../activities/approvals.ts';
import { createAnswerActivities } from '../../activities/outbound-outcome.ts';
import { createCommandActivities } from '../../activities/commands.ts';
import { createFileMailTransport, createSmtpMailTransport } from '../../activities/mail/mail-transport.ts';
import { readMailTemplates } from '../../activities/mail/mail-templates.ts';
import { createRunActivities } from '../../activities/run-result.ts';
import { createScheduleActivities } from '../../activities/schedules.ts';
import { createTurnActivities } from '../../activities/turns.ts';
import { createWaitActivities } from '../../activities/waits.ts';
import { parseNetworks } from '../../http/networks.ts';
import { createCallbackUrl } from '../../activities/outbound/callback-url.ts';
import { createDeliveryRecovery } from '../../activities/outbound/delivery-recovery.ts';
import { createDeliveryStarter } from '../../activities/outbound/delivery-starter.ts';
import { createNoticeTelling } from '../../activities/outbound/notices/tell-notices.ts';
import { createParkedRelease } from '../../activities/outbound/release-parked.ts';
import { createGuardedAgent } from '../../http/guarded-agent.ts';
import { createIdentityAgents } from '../../http/identity-agents.ts';
import { createOauthTokens } from '../../http/oauth-client-credentials.ts';
import { resolveBySystem } from '../../http/resolve.ts';
import { createReplayActivities } from '../../activities/outbound/replay.ts';
import { createStartDelivery } from '../../activities/outbound/start-delivery.ts';
import { keepLastGood } from './last-good-secrets.ts';
import { keepLastGoodTemplates } from './last-good-templates.ts';
import { lookupSecret, type Config } from '../../config.ts';
import { layersOf } from '../../definition-layers.ts';
import { authorized } from '../../activities/authorize.ts';
import { createDispatchActivity } from '../../activities/dispatch-activity.ts';
import { createDefinitionLookup } from '../../activities/definition-lookup.ts';
import { followPeopleFile } from '../../activities/people-file.ts';
import { followSecretsFile } from '../../activities/secrets-file.ts';
import { activityResults, successorsOf } from '../../storage/activity-results.ts';
import { createClaimCheck } from '../../storage/claim-check.ts';
import type { Database } from '../../storage/database.ts';
import type { Installation } from '../../storage/installation.ts';
import { createPayloadStore } from '../../storage/payload-store.ts';
import { builtBundle } from '../../worker/built-bundle.ts';
import { startWorker, type RunningWorker } from '../../worker/start-worker.ts';
import { currentAttempt } from '../../worker/current-attempt.ts';
import { createOrphans } from '../../worker/orphans.ts';
import { createPayloadRelease, endLostRun } from '../../worker/payload-release.ts';
import type { LoadedActivities } from '../activities/open-activities.ts';
import { fireSchedule } from '../../server/schedules/fire-schedule.ts';
import { readEventTypes } from '../../server/read-event-types.ts';
import { createInbox } from '../../server/inbox.ts';
import { mayBeAwaited } from '../../server/ignored-because.ts';
import { version } from '../version.ts';
import { peopleFileOf, secretsFileOf } from './load-served-definitions.ts';
import type { SourcesText } from './mount-gateways.ts';
import { openGatewayClient } from './open-gateway-client.ts';
import { clientOver } from './temporal-access.ts';

const userAgent = `Kait/${version}`;
const sendMailMs = 20_000;
/** A test of an endpoint, and what somebody sends again, wait for it. */
const recoverEveryMs = 1_000;
const releaseParkedEveryMs = 2_000;
const tellNoticesEveryMs = 5_000;
const lookForOrphansEveryMs = 60_000;
const releasePayloadsEveryMs = 10 * 60_000;
const releaseResultsEveryMs = 60 * 60_000;

export interface ComposedWorker extends RunningWorker {
  /** Reads mail templates, event types, presets and the sources' keys again now. The keys follow by themselves, too. */
  reload(): Promise<void>;
}

/** Builds the activities and a worker that runs them, and starts it. */
export async function composeWorker(deps: {
  config: Config;
  database: Database;
  installation: Installation;
  connection: NativeConnection;
  namespace: string;
  log: Logger;
  /** The project's activities as they are now. */
  activities: () => LoadedActivities;
  /** See `createDispatchActivity`. */
  isOtherActivity?: (name: string) => boolean;
  /** Default: the file in the definitions folder. */
  sources?: SourcesText | undefined;
}): Promise<ComposedWorker> {
  const { config, database, installation, connection, namespace, log } = deps;
  const clock = () => new Date();
  const schedule = config.outbound.scheduleMs;
  const dialing = {
    allow: parseNetworks(config.outbound.allow),
    resolve: resolveBySystem,
    proxy: config.outbound.proxy,
  };
  const dispatcher = createGuardedAgent(dialing);
  const agents = createIdentityAgents(dialing);
  const tokens = createOauthTokens({ dispatcher, clock, userAgent });
  // What is allowed to the operator is not allowed to tenants, who choose their endpoints' addresses.
  const tenantDialing = { ...dialing, allow: parseNetworks(config.outbound.tenantAllow) };
  const tenantDispatcher = createGuardedAgent(tenantDialing);
  const tenantAgents = createIdentityAgents(tenantDialing);
  const tenantTokens = createOauthTokens({ dispatcher: tenantDispatcher, clock, userAgent });
  const payloads = createPayloadStore(database);
  const lost = async (id: string, reason: string) => {
    log.error({ workflowId: id, reason }, 'run ended, because a value of it is lost');
    await endLostRun({ client: client.workflow }, id, reason);
  };
  const claimCheck = createClaimCheck({ payloads, lost });
  const client = clientOver(connection, namespace, [createClaimCheck({ payloads })]);
  const workflowId = () => activityInfo().workflowExecution?.workflowId ?? null;
  const deliveryStarter = createDeliveryStarter({
    database,
    clock,
    log,
    startDelivery: createStartDelivery({
      client: client.activity,
      installation: installation.id,
    }),
    concurrency: config.dispatch.concurrency,
    capacity: 1_000,
  });
  const recovery = createDeliveryRecovery({
    database,
    clock,
    log,
    deliveryStarter,
    intervalMs: recoverEveryMs,
    batchSize: 250,
  });
  const parked = createParkedRelease({
    ...{ database, clock, log, deliveryStarter },
    intervalMs: releaseParkedEveryMs,
    keptMs: config.outbound.parkedMs,
  });
  const orphans = createOrphans({
    client: client.workflow,
    installation: installation.id,
    clock,
    log,
    intervalMs: lookForOrphansEveryMs,
  });
  const asked = { client: client.workflow, namespace, log };
  const release = createPayloadRelease({ ...asked, payloads, intervalMs: releasePayloadsEveryMs });
  const resultRelease = createPayloadRelease({
    ...{ ...asked, payloads: activityResults(database), what: 'results of activities' },
    successors: (ids) => successorsOf(database, ids),
    intervalMs: releaseResultsEveryMs,
  });
  const gateways = await openGatewayClient({ config, database, dispatcher, userAgent, log, sources: deps.sources });
  const attempt = () => ({ ...currentAttempt(), firstAt: new Date(activityInfo().scheduledTimestampMs) });
  const asking = { gateways: gateways.client, clock, log, attempt };
  // The server's dispatcher finds what a worker stores.
  const inbox = createInbox({ database, wantsClaim: () => false, onStored: () => undefined });
  const readTemplates = async () => {
    const read = await readMailTemplates(layersOf(config.definitions, 'mails'));
    for (const [name, problem] of read.faulty) log.error({ template: name, problem }, 'mail template has a mistake');
    return read;
  };
  let templates = await readTemplates();
  const readTypes = async () => {
    const { eventTypes, faulty } = await readEventTypes(config.definitions);
    for (const [name, problem] of faulty) log.error({ eventType: name, problem }, 'event type has a mistake');
    return eventTypes;
  };
  let eventTypes = await readTypes();
  const secretBindings = followSecretsFile(secretsFileOf(config), log);
  await secretBindings().catch(() => undefined); // Logged. Steps that need a secret are tried again.
  const people = followPeopleFile(peopleFileOf(config), log);
  const shared = {
    ...{ database, dispatcher, userAgent, secretBindings },
    lookupSecret: keepLastGood(lookupSecret, log),
  };
  const engine = createActivities({
    ...shared,
    clock,
    deliveryStarter,
    eventTypes: () => eventTypes,
    publicUrl: config.receiver.publicUrl,
    attempt: currentAttempt,
    mail: {
      transport:
        config.mail.smtpUrl === null
          ? createFileMailTransport({ folder: join(config.home, 'mail') })
          : createSmtpMailTransport({ url: config.mail.smtpUrl, allowPlaintext: config.mail.allowPlaintext }),
      get templates() {
        return templates.templates;
      },
      get faulty() {
        return templates.faulty;
      },
      format: config.mail.format,
      from: config.mail.from,
      sendTimeoutMs: sendMailMs,
    },
  });
  const notices = createNoticeTelling({
    ...{ database, clock, log, deliveryStarter },
    mail: config.mail.operator === null ? null : { to: config.mail.operator, sendMail: engine['mail.send'] },
    intervalMs: tellNoticesEveryMs,
  });
  const deliveryActivities = createDeliveryActivities({
    database,
    clock,
    log,
    dispatcher,
    credentials: { agents, tokens },
    forTenants: { dispatcher: tenantDispatcher, credentials: { agents: tenantAgents, tokens: tenantTokens } },
    callbackUrl: createCallbackUrl(installation, config.receiver.publicUrl),
    random: () => Math.random(),
    schedule,
    sleep,
    release: parked.release,
    userAgent,
    secretKeys: config.secretKeys,
  });
  const worker = await startWorker({
    connection,
    namespace,
    installation: installation.id,
    claimCheck,
    bundle: await builtBundle({ keepsStacks: config.worker.keepsStacks }),
    activities: authorized(
      {
        ...createGatewayActivities(asking),
        ...createScheduleActivities({
          fire: (input) => fireSchedule({ store: (entry) => inbox.store(entry), now: clock }, input),
        }),
        ...createRunActivities({ client: client.workflow, workflowId }),
        ...createApprovalActivities({
          ...{ database, installation, people, workflowId, sendMail: engine['mail.send'] },
          publicUrl: config.receiver.publicUrl,
        }),
        ...createWaitActivities({
          ...{ database, workflowId, clock, harmless: mayBeAwaited },
          readData: (...stored) => gateways.readData(...stored),
          confirms: (source) => gateways.confirms(source),
        }),
        ...createTurnActivities({ database, workflowId }),
        ...createAnswerActivities({ database, clock }),
        ...createReplayActivities({ database, clock, workflowId }),
        ...createCommandActivities({
          ...{ database, installation, workflowId },
          runId: () => activityInfo().workflowExecution?.runId ?? null,
        }),
        default: createDispatchActivity({
          ...{ latest: deps.activities, engine, activityType: () => activityInfo().activityType },
          ...(deps.isOtherActivity && { isOther: deps.isOtherActivity }),
          ownDeps: { ...shared, log, attempt: () => ({ ...currentAttempt(), number: activityInfo().attempt }) },
        }),
      },
      { installation, workflowId, definitionName: createDefinitionLookup(database) },
    ),
    deliveryActivities: { ...deliveryActivities, ...createFetchActivities(asking) },
    cachedRuns: config.worker.cachedRuns,
    concurrentActivities: config.worker.concurrentActivities,
  });
  recovery.start();
  parked.start();
  notices.start();
  orphans.start();
  release.start();
  resultRelease.start();
  gateways.start();
  return {
    failed: worker.failed,
    isRunning: () => worker.isRunning(),
    async reload() {
      templates = keepLastGoodTemplates(templates, await readTemplates());
      eventTypes = await readTypes();
      await gateways.reload();
    },
    async stop() {
      await recovery.stop();
      await parked.stop();
      await notices.stop();
      await orphans.stop();
      await release.stop();
      await resultRelease.stop();
      await worker.stop();
      await gateways.stop();
      await deliveryStarter.stop();
      await Promise.all([agents.close(), tenantAgents.close()]);
      await Promise.all([dispatcher.close(), tenantDispatcher.close()]);
    },
  };
}
