import { KaitError } from '../../errors.ts';
import type { Transaction } from '../database.ts';
import { sqlStateOf } from '../sql-state.ts';
import type { Migration } from './read-migrations.ts';
import { splitStatements, type SqlStatement } from './split-statements.ts';

/** Runs the statements of a migration. Throws `KAIT_MIGRATION_FAILED` with the place of the one that fails. */
export async function runMigration(transaction: Transaction, migration: Migration): Promise<void> {
  const statements = splitStatements(migration.sql);
  if (statements.length === 0) throw failed(migration, 0, 'The file has no statement');
  for (const statement of statements) {
    const refusal = refusalOf(statement);
    if (refusal !== undefined) throw failed(migration, statement.offset, refusal);
  }
  for (const statement of statements) {
    try {
      await transaction.query(statement.text);
    } catch (error) {
      throw failed(migration, statement.offset + offsetIn(statement, error), reasonOf(error), error);
    }
  }
}

const ofTransactions = new Set(['abort', 'begin', 'commit', 'end', 'prepare', 'rollback', 'start']);

/** What would end the transaction, or outlast it: the connection goes on to serve Kait itself. */
function refusalOf({ words: [first = '', second] }: SqlStatement): string | undefined {
  if (ofTransactions.has(first)) return `Kait begins and ends the transaction of the whole file. Remove \`${first}\``;
  if (first === 'set' && second !== 'local' && second !== 'constraints')
    return 'Write `set local`, which ends with the file';
  return undefined;
}

/** PostgreSQL counts characters from 1, JavaScript UTF-16 code units. */
function offsetIn({ text }: SqlStatement, error: unknown): number {
  const position = error instanceof Error && 'position' in error ? Number(error.position) : NaN;
  if (!(position >= 1)) return 0;
  return Array.from(text)
    .slice(0, position - 1)
    .join('').length;
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = sqlStateOf(error);
  const hint = 'hint' in error && typeof error.hint === 'string' ? `. ${error.hint}` : '';
  return `${error.message}${code === undefined ? '' : ` (${code})`}${hint}`;
}

function failed({ name, sql }: Migration, offset: number, reason: string, cause?: unknown): KaitError {
  const before = sql.slice(0, offset).split('\n');
  const line = before.length;
  const column = (before.at(-1) ?? '').length + 1;
  const source = (sql.split('\n')[line - 1] ?? '').slice(0, column + 100);
  const message = [
    `migrations/${name}:${line}:${column} ${reason}`,
    `${line} | ${source}`,
    `${' '.repeat(String(line).length)} | ${' '.repeat(column - 1)}^`,
    'Nothing of this file was applied. Correct it, and run "kait migrate" again.',
  ];
  return new KaitError('KAIT_MIGRATION_FAILED', message.join('\n'), { cause });
}
