import type { ScheduleClient } from '@temporalio/client';
import type { Logger } from 'pino';
import type { AskedReplay, ReplayRequest } from '../../activities/outbound/ask-replay.ts';
import type { EndpointStore } from '../../activities/outbound/endpoints.ts';
import type { Catalogue } from '../../authoring/event-catalogue/catalogue.ts';
import type { Database } from '../../storage/database.ts';
import type { Installation } from '../../storage/installation.ts';
import type { ConsoleAccess } from '../console/console-access.ts';
import type { FindMissing } from '../find-missing.ts';
import type { UnavailableSource } from '../gateway/available-sources.ts';
import type { Source } from '../gateway/sources.ts';
import type { SecretFault } from '../gateway/secret-faults.ts';
import type { CompiledPreset, Presets } from '../gateway/presets.ts';
import type { SampleEvent } from '../gateway/sample-events.ts';
import type { Metrics } from '../metrics.ts';
import type { PublishAnswer, PublishRequest } from '../publish/publish-set.ts';
import type { Retried, RetryRequest } from '../rescue/retry-run.ts';
import type { RetriedRuns, RetryRunsRequest } from '../rescue/retry-runs.ts';
import type { Migrated, MigrateRequest } from '../migrate/migrate-run.ts';
import type { MigratedRuns, MigrateRunsRequest } from '../migrate/migrate-runs.ts';
import type { ReplayDeps } from '../replay-event.ts';
import type { ServedDefinitions } from '../serve-definitions.ts';
import type { RereadChunk, RereadRequest } from '../reread/reread-events.ts';
import type { Decide } from '../approvals/decide.ts';
import type { Commander, CommandOutcome, GivenCommand } from '../runs/command-run.ts';
import type { LookAtRun } from '../runs/look-at-run.ts';
import type { StandingDeps } from '../search/runs-in-state.ts';
import type { Workbench } from './routes/workbench.ts';
import type { FiguresAnswer } from './routes/figures-answer.ts';
import type { StatusAnswer } from './routes/status-answer.ts';
import type { SystemAnswer } from './routes/system-answer.ts';
import type { RunReading } from '../runs/read-run.ts';
import type { ActivityInputs } from '../runs/check-edited-input.ts';
import type { EndVerb } from '../runs/end-run.ts';

/** The sources as they are mounted now. */
export interface GatewayAccess {
  sources: () => readonly Source[];
  /** What a mistake keeps from being mounted. */
  unavailable: () => readonly UnavailableSource[];
  /** Of the receiver, without a slash at the end. */
  receiverUrl: () => string;
  /** The names of a gateway's samples. */
  samplesOf: (gateway: string) => Promise<string[]>;
  /** Whether a sample can be signed here. */
  canSign: (source: Source) => boolean;
  /** Sends a signed sample to the source's own URL, harmless in effect. Rejects with a `KaitError` if it cannot be made. */
  test: (
    source: Source,
    sample: string | undefined,
  ) => Promise<{ sample: string; status: number | null; answer: string }>;
}

type SecretFaultOfSource = SecretFault & { source: string };

/** What the routes need. */
export interface ApiDeps {
  database: Database;
  installation: Installation;
  /** Of Kait. */
  version: string;
  /** What events are dispatched to. */
  served: ReplayDeps['served'] & Pick<ServedDefinitions, 'faulty'>;
  /** What receivers of outbound webhooks are told, as it is served now. */
  eventCatalogue: () => Catalogue;
  metrics: Metrics;
  log: Logger;
  /** Manages the endpoints of outbound webhooks. */
  endpoints: EndpointStore;
  /** Makes a new key for their secrets and has everything sealed with it. Null: whoever sets KAIT_SECRETS_KEY does that. */
  newSecretsKey: ((reseal: () => Promise<unknown>) => Promise<void>) | null;
  /** Temporal's status of a run (`Running`, `Completed`, …); null if Temporal is unreachable or no longer knows the run. */
  runStatus: (workflowId: string) => Promise<string | null>;
  /** How a run stands. */
  lookAtRun: LookAtRun;
  /** The runs of this installation that match a query, as Temporal lists them. */
  queryRuns: StandingDeps['queryRuns'];
  showsState: () => boolean;
  /** Asks Temporal, and the run itself, in bounded time. */
  readRun: (workflowId: string, previous?: RunReading) => Promise<RunReading>;
  /** The run's page in Temporal's Web UI. Null: its address is not known. */
  webUiOf: (workflowId: string) => string | null;
  /** The same for an activity that belongs to no workflow. */
  webUiOfActivity: (activityId: string) => string | null;
  presets: Presets;
  /** Reads stored bodies again. */
  reread: (request: RereadRequest) => Promise<RereadChunk>;
  /** Secrets that look as if they were copied wrongly, by their variables. */
  secretFaults: () => SecretFaultOfSource[];
  /** Tells a run under way something. */
  commandRun: (workflowId: string, command: GivenCommand, commander: Commander) => Promise<CommandOutcome>;
  /** What this server knows of the inputs of activities. */
  activityInputs: () => ActivityInputs;
  /** Cancels or terminates it. */
  endRun: (
    workflowId: string,
    verb: EndVerb,
    commander: { by: string; reason: string; via: 'api' | 'cli' },
  ) => Promise<CommandOutcome>;
  /** Hands a person's answer to its run. */
  decide: Decide;
  /** Have runs go on that have ended. */
  retryRun: (request: RetryRequest) => Promise<Retried>;
  retryRuns: (request: RetryRunsRequest) => Promise<RetriedRuns>;
  /** Have runs under way take their definition as it is served now. */
  migrateRun: (request: MigrateRequest) => Promise<Migrated>;
  migrateRuns: (request: MigrateRunsRequest) => Promise<MigratedRuns>;
  /** Of the sources that are mounted. */
  sourceNames: () => string[];
  /** Those themselves, with what is needed to try them. */
  gateways: GatewayAccess;
  /** Has a worker ask a gateway for what has not arrived. */
  findMissing: FindMissing;
  /** Records which webhooks are to be sent again. */
  askReplay: (request: ReplayRequest) => Promise<AskedReplay>;
  /** Has that begin now. */
  wakeReplays: () => void;
  /** Wakes the dispatcher after a replay or a reread. */
  wakeDispatcher: () => void;
  /** What this server serves: its folder, or what was published. */
  definitionsFrom: () => 'files' | 'published';
  /** Records sets of definitions. */
  publish: (request: PublishRequest) => Promise<PublishAnswer>;
  /** `client.schedule`. Throws while Temporal was not reached yet. */
  schedules: () => Pick<ScheduleClient, 'getHandle'>;
  /** Has an API key looked up anew, because it was revoked. */
  forgetKey: (id: string) => void;
  /** Who is logged in. */
  console: Pick<ConsoleAccess, 'store' | 'check'>;
  /** A link that logs a person of this name in to the console, once. Null: this server listens on more than loopback. */
  loginUrl: (name: string) => string | null;
  /** Has the generation of a tenant's portal links looked up anew, because they were revoked. */
  forgetTenant: (tenant: string) => void;
  /** The tenants' pages: what they are called, their colour (`#rrggbb`), and where they are. */
  portal: { name: string; accent: string; url: () => string };
  /** What definitions are checked and simulated with. */
  workbench: () => Workbench;
  /** The tests of the definition in a file. `text` is null if there are none that can be shown. */
  testsBeside: (file: string) => Promise<{ file: string; text: string | null }>;
  /** The events of a gateway's samples. */
  samplesOf: (preset: CompiledPreset) => Promise<SampleEvent[]>;
  /** Shown by `kait status`: addresses and versions, no secrets. */
  about: () => Promise<StatusAnswer>;
  /** How much comes and goes, and how fast. */
  figures: () => Promise<FiguresAnswer>;
  /** What the installation is made of. No secrets. */
  system: () => Promise<SystemAnswer>;
}
