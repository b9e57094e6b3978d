import type { SqlValue, Transaction } from '../../storage/database.ts';
import { splitStatements } from '../../storage/project/split-statements.ts';
import { arrayText } from '../../storage/sql-array.ts';
import { SqlError } from './sql-error.ts';

/** JSON for a column of the type `json` or `jsonb`: see {@link Sql.json}. */
export interface SqlJson {
  json: string;
}

/** What may stand in `${…}`. A list becomes an array: `where id = any(${ids})`. */
export type SqlParameter =
  | string
  | number
  | bigint
  | boolean
  | null
  | Date
  | Uint8Array
  | SqlJson
  | readonly (string | number | bigint | boolean | null | Date)[];

/**
 * Runs one statement in the activity's transaction and resolves to its rows: sql`select points from members where id = ${id}`. Values are
 * passed apart from the text, never as a part of it.
 */
export interface Sql {
  <Row extends object = Record<string, unknown>>(text: TemplateStringsArray, ...values: SqlParameter[]): Promise<Row[]>;
  /** Makes JSON of a value. */
  json(value: unknown): SqlJson;
}

/** The statements of one call of an activity. @internal */
export interface SqlOfCall {
  sql: Sql;
  /** Throws if a statement is still under way, or if the activity has hidden that one failed. */
  requireComplete(): void;
  /** From now on, statements are refused. */
  end(): void;
}

/** `late` is told of a statement that comes after the end. @internal */
export function createSql(transaction: Transaction, { late }: { late: () => void }): SqlOfCall {
  let running = 0;
  let isOver = false;
  let failure: Error | undefined;

  async function run<Row>(strings: TemplateStringsArray, values: SqlParameter[]): Promise<Row[]> {
    if (isOver) {
      late();
      throw new Error('`sql` was used after the activity had ended. Wait for every statement with `await`');
    }
    running += 1;
    try {
      return await transaction.query<Row>(statementOf(strings), values.map(toSqlValue));
    } catch (error) {
      const described = error instanceof TypeError ? error : new SqlError(strings.join('?'), error);
      failure ??= described;
      throw described;
    } finally {
      running -= 1;
    }
  }

  const tag = <Row>(strings: TemplateStringsArray, ...values: SqlParameter[]): Promise<Row[]> => {
    const rows = run<Row>(strings, values);
    rows.catch(() => undefined); // Nobody may be waiting for it, which must not end the process. `requireComplete` tells.
    return rows;
  };
  return {
    sql: Object.assign(tag, { json: toSqlJson }),
    requireComplete() {
      if (failure !== undefined) throw failure;
      if (running > 0) throw new Error('A statement was still under way at the end. Wait for every one with `await`');
    },
    end() {
      isOver = true;
    },
  };
}

/** See {@link Sql.json}. */
export function toSqlJson(value: unknown): SqlJson {
  const text = JSON.stringify(value) as string | undefined;
  if (text === undefined) throw new TypeError('sql.json: this value cannot be written as JSON');
  return { json: text };
}

/** Whatever would end the transaction, or change how it runs. */
const refused = new Set(
  'abort begin commit copy deallocate discard end execute listen prepare release reset rollback savepoint set start unlisten'.split(
    ' ',
  ),
);

function statementOf(strings: TemplateStringsArray): string {
  if (!Array.isArray(strings) || !('raw' in strings)) {
    throw new TypeError('Write sql`select …` without parentheses, so that values are passed apart from the text');
  }
  const text = strings.reduce((before, part, index) => `${before}$${index}${part}`);
  const [statement, ...others] = splitStatements(text);
  if (statement === undefined) throw new TypeError('The statement is empty');
  if (others.length > 0) throw new TypeError('Write one statement in each sql`…`');
  const [first = '', second] = statement.words;
  if (refused.has(first) && second !== 'constraints') {
    throw new TypeError(`\`${first}\` is not for activities: Kait begins and ends their transaction`);
  }
  return text;
}

function toSqlValue(value: SqlParameter | undefined, index: number): SqlValue {
  if (value instanceof Uint8Array) return value;
  if (Array.isArray(value)) return arrayText(value, (item) => textOf(item, index));
  if (value !== null && typeof value === 'object' && 'json' in value && typeof value.json === 'string')
    return value.json;
  return textOf(value, index);
}

function textOf(value: unknown, index: number): string | null {
  if (value === null) return null;
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return String(value);
  if (value instanceof Date && !Number.isNaN(value.getTime())) return value.toISOString();
  const what =
    value instanceof Date
      ? 'an invalid date'
      : value === undefined
        ? 'undefined'
        : `a value of the type ${typeof value}`;
  const remedy = value === undefined ? 'Use null for a value that is not there' : 'Use sql.json(…) for objects';
  throw new TypeError(`The value ${index + 1} of a statement is ${what}. ${remedy}`);
}
