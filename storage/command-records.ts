import type { Database } from './database.ts';

/** An operator's command for the audit. */
export interface CommandRecord {
  workflowId: string;
  /** Temporal's id of the run that was commanded, and of the update that brought the command. */
  runId: string;
  id: string;
  verb: string;
  step: string | null;
  /** SHA-256 (hex) of the result or the input that it gives, or the hash of the definition. */
  digest: string | null;
  by: string | null;
  reason: string | null;
  via: 'api' | 'cli' | 'temporal';
}

const keepSql = `
  insert into audit (actor, action, target, reason, step, via, digest, command)
  values ($1, $2, $3, $4, $5, $6, $7, $8)
  on conflict (command) do nothing`;

/** Writes a command into the audit once, however often that is tried. */
export async function keepCommand(database: Database, command: CommandRecord): Promise<void> {
  const { workflowId, runId, id, verb, step, digest, by, reason, via } = command;
  const values = [by ?? 'unknown', actionOf(verb), workflowId, reason ?? '', step, via, digest, `${runId}/${id}`];
  await database.run('command-keep', keepSql, values);
}

/** Keeps which version of its definition a run has from now on. */
export async function keepDefinition(database: Database, workflowId: string, definitionHash: string): Promise<void> {
  await database.run('run-definition', `update runs set definition_hash = $2 where workflow_id = $1`, [
    workflowId,
    definitionHash,
  ]);
}

/** `setResult` is called `set-result` everywhere but in Temporal. */
function actionOf(verb: string): string {
  return verb.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
