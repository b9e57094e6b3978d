import { shortened } from '../../language/printable.ts';
import { sqlStateOf } from '../../storage/sql-state.ts';

/** These quote no values of the statement. The message of a `raise exception` is the project's own. */
const harmlessClasses = ['0A', '23', '25', '2B', '3D', '3F', '40', '42', '53', '54', '55', '57', 'P0'];
const longestStatement = 120;

/** A statement of an activity failed, so its transaction can only be rolled back. */
export class SqlError extends Error {
  override readonly name = 'SqlError';
  /** The SQLSTATE, such as `23505` for a unique constraint; undefined if the connection was lost. */
  readonly code: string | undefined;
  /** The constraint that the statement would have violated, if there is one. */
  readonly constraint: string | undefined;

  constructor(statement: string, cause: unknown) {
    const code = sqlStateOf(cause);
    super(`${reasonOf(cause, code)}, in: ${shortened(statement.replace(/\s+/g, ' ').trim(), longestStatement)}`, {
      cause,
    });
    this.code = code;
    this.constraint = constraintOf(cause);
  }
}

/** Without values, which PostgreSQL quotes in the messages of some classes. */
function reasonOf(cause: unknown, code: string | undefined): string {
  if (code === undefined) return 'The connection to the database was lost';
  if (!(cause instanceof Error) || !harmlessClasses.includes(code.slice(0, 2))) return `The statement failed (${code})`;
  return `${cause.message} (${code})`;
}

function constraintOf(cause: unknown): string | undefined {
  if (!(cause instanceof Error) || !('constraint' in cause)) return undefined;
  return typeof cause.constraint === 'string' ? cause.constraint : undefined;
}
