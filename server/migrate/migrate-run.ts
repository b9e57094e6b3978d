import type { Definition, RunInput } from '../../language/definition.ts';
import { largeValueBytes } from '../../language/large-value.ts';
import { migratedInput, type NewDefinition } from '../../language/migration.ts';
import type { Database } from '../../storage/database.ts';
import { digestOf, sealOf } from '../../storage/installation.ts';
import { currentDefinition, type ServedNow } from '../rescue/current-definition.ts';
import { stateOf } from '../rescue/read-ended.ts';
import { findLatest } from '../rescue/retry-run.ts';
import { commandRun, type Commander } from '../runs/command-run.ts';
import { type NotOpen, readOpen, type ReadOpenDeps } from '../runs/read-open.ts';

export interface MigrateDeps extends ReadOpenDeps {
  database: Database;
  /** Read each time, since it may change. */
  served: () => ServedNow;
}

export interface MigrateRequest extends Commander {
  workflowId: string;
  reason: string;
  /** Only says whether the run could take the definition. */
  dryRun?: boolean | undefined;
}

export type MigrationRefusal =
  /** Kait has started no such run. */
  | 'unknown'
  /** It is about to be retried: see `server/rescue/`. */
  | 'being-retried'
  | 'ended'
  /** It has the definition already. */
  | 'same'
  /** The definition does not fit: see `detail`. */
  | 'definition'
  /** Something of it is at work. */
  | 'at-work'
  /** It never takes another: it is undoing, being canceled, or late. */
  | 'not-possible'
  | NotOpen['refused']
  /** Temporal did not say whether the run took it. */
  | 'unavailable';

export interface Migrated {
  /** Null: the run has the definition now, or could take it. */
  refused: MigrationRefusal | null;
  detail: string | null;
  /** The latest run that goes on from the one that was asked for. */
  run: string;
  /** Both definitions, if the run could be asked. */
  definitions: { before: Definition; after: Definition } | null;
}

/**
 * Has a run under way take the definition as it is served now. The run decides whether it can, writes the command into its audit, and goes on
 * with it. A run that has the definition is left alone, so the same command twice does nothing the second time.
 */
export async function migrateRun(deps: MigrateDeps, request: MigrateRequest): Promise<Migrated> {
  const found = await findLatest(deps.database, request.workflowId);
  const run = found?.workflowId ?? request.workflowId;
  const none = { run, detail: null, definitions: null };
  if (found === null) return { ...none, refused: 'unknown' };
  if (found.pending) return { ...none, refused: 'being-retried' };
  if ((await stateOf(deps.client, run)) !== 'running') return { ...none, refused: 'ended' };
  const own = await readOpen(deps, run);
  if ('refused' in own) return { ...none, ...own };
  const to = currentDefinition(own.input, deps.served());
  if (to === 'same') return { ...none, refused: 'same' };
  if ('problem' in to) return { ...none, refused: 'definition', detail: to.problem };
  const definitions = { before: own.input.definition, after: to.definition };
  const next = nextInput(own.input, to);
  if (next === null) return { ...none, definitions, refused: 'too-large', detail: 'Its input would be too large' };
  const asked = await readOpen(deps, run, to);
  if ('refused' in asked) return { ...none, ...asked };
  const { problem } = asked;
  if (problem !== null) {
    return { ...none, definitions, refused: refusalOf(problem.refusal), detail: problem.message };
  }
  if (request.dryRun === true) return { ...none, definitions, refused: null };
  return { ...none, definitions, ...(await send(deps, { run, input: own.input, to, next }, request)) };
}

/** Runs with large inputs have tasks of their own, and others must not become such runs. */
function nextInput(input: RunInput, to: NewDefinition): RunInput | null {
  const next = migratedInput(input, to);
  return Buffer.byteLength(JSON.stringify(next)) > largeValueBytes ? null : next;
}

async function send(
  { client, installation }: MigrateDeps,
  { run, input, to, next }: { run: string; input: RunInput; to: NewDefinition; next: RunInput },
  commander: MigrateRequest,
): Promise<Pick<Migrated, 'refused' | 'detail'>> {
  const seal = sealOf(installation, { kind: 'workflow', id: run, inputDigest: digestOf(next) });
  const command = { verb: 'migrate', from: input.definitionHash, to, seal } as const;
  const outcome = await commandRun({ installation, workflows: () => client }, run, command, commander);
  if (outcome.kind === 'done') return { refused: null, detail: null };
  if (outcome.kind === 'refused') return { refused: refusalOf(outcome.refusal), detail: outcome.message };
  return {
    refused: 'unavailable',
    detail: 'Temporal did not say whether the run took the definition. Look at the run',
  };
}

const refusals: Record<string, MigrationRefusal> = {
  'already-migrated': 'same',
  definition: 'definition',
  'not-waiting': 'at-work',
  gone: 'ended',
};

/** Of a run's own refusal. */
function refusalOf(refusal: string): MigrationRefusal {
  return refusals[refusal] ?? 'not-possible';
}
