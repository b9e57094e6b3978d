import { KaitError } from '../../errors.ts';
import { byOrder, type Migration } from './read-migrations.ts';

/** A migration that was applied to a database. */
export interface AppliedMigration {
  name: string;
  checksum: string;
  appliedAt: Date;
}

export interface MigrationState {
  /** In order. */
  pending: Migration[];
  /** Applied migrations behind the last one that there is a file for: those of a newer version of the project. */
  newer: string[];
}

/**
 * Compares a project's migrations with those that were applied to its database. Throws `KAIT_MIGRATIONS_CHANGED` if an applied file was
 * changed or is gone, or if one is pending that comes before an applied one: other databases would get another schema.
 */
export function compareMigrations(files: readonly Migration[], applied: readonly AppliedMigration[]): MigrationState {
  const known = new Map(applied.map((each) => [each.name, each]));
  const names = new Set(files.map(({ name }) => name));
  const inOrder = [...applied].sort((one, other) => byOrder(one.name, other.name));
  const pending = files.filter(({ name }) => !known.has(name));
  const last = files.filter(({ name }) => known.has(name)).at(-1)?.name;
  const isNewer = (name: string) => pending.length === 0 && (last === undefined || byOrder(name, last) > 0);
  const gone = inOrder.filter(({ name }) => !names.has(name));
  const problems = [
    ...files.flatMap((file) => changedProblem(file, known.get(file.name))),
    ...gone.filter(({ name }) => !isNewer(name)).map(goneProblem),
    ...pending.flatMap(({ name }) => orderProblem(name, inOrder.at(-1)?.name)),
  ];
  if (problems.length > 0) throw new KaitError('KAIT_MIGRATIONS_CHANGED', problems.join('\n'));
  return { pending, newer: gone.map(({ name }) => name) };
}

function changedProblem({ name, checksum }: Migration, applied: AppliedMigration | undefined): string[] {
  if (applied === undefined || applied.checksum === checksum) return [];
  return [
    `migrations/${name} was changed after it had been applied ${when(applied)}. Restore it, and put the change into a new file`,
  ];
}

function goneProblem(applied: AppliedMigration): string {
  return `migrations/${applied.name} was applied ${when(applied)}, but the file is gone. Restore it; to undo what it did, add a new file`;
}

function orderProblem(name: string, last: string | undefined): string[] {
  if (last === undefined || byOrder(name, last) > 0) return [];
  return [`migrations/${name} was not applied, but ${last}, which comes after it, was. Give it a number behind that`];
}

function when({ appliedAt }: AppliedMigration): string {
  return `at ${appliedAt.toISOString().slice(0, 19)}Z`;
}
