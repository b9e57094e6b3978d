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
  select $1, $2, $3, $4, $5, $6, $7, $8 where $6 = 'temporal' or not exists (
    select from audit where target = $3 and via = $6 and command <> $8 and right(command, length($9) + 1) = '/' || $9)
  on conflict (command) do nothing`;
const keptSql = 'select from audit where command = $1';

/**
 * Writes a command into the audit once, however often that is tried. Resolves to false, and writes nothing, if Kait's server sent it to an
 * earlier run of the workflow: a run that has continued as new does not know any more that it had the command, and somebody sent a copy.
 */
export async function keepCommand(database: Database, command: CommandRecord): Promise<boolean> {
  const { workflowId, runId, id, verb, step, digest, by, reason, via } = command;
  const values = [by ?? 'unknown', actionOf(verb), workflowId, reason ?? '', step, via, digest, `${runId}/${id}`];
  await database.run('command-keep', keepSql, [...values, id]);
  return (await database.run('command-kept', keptSql, [`${runId}/${id}`])).length > 0;
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
