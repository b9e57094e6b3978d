import './table.css';
import type { ComponentChildren } from 'preact';
import { rowLink } from '../app/keyboard.ts';
import { Link } from '../app/link.tsx';

export interface Column<Row> {
  head: string;
  cell: (row: Row) => ComponentChildren;
  /** Numbers stand at the right. */
  align?: 'right';
  /** Takes the room that is left, and is cut if that is not enough. */
  isWide?: boolean;
}

/**
 * Rows under headings. If `hrefOf` is given, the whole row leads there, and its first cell holds the link. On narrow screens each row becomes
 * a small block: the first cell above, the others in a line below.
 */
export function Table<Row>({
  caption,
  columns,
  rows,
  keyOf,
  hrefOf,
}: {
  /** What the table lists, for those who do not see it. */
  caption: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  keyOf: (row: Row) => string;
  hrefOf?: (row: Row) => string;
}) {
  const [first, ...others] = columns;
  if (first === undefined) return null;
  return (
    <table class={hrefOf === undefined ? 'table' : 'table linked'}>
      <caption class="visually-hidden">{caption}</caption>
      <thead>
        <tr>
          {columns.map((column) => (
            <th key={column.head} scope="col" class={classOf(column)}>
              {column.head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={keyOf(row)}>
            <td class={classOf(first)}>
              {hrefOf === undefined ? (
                first.cell(row)
              ) : (
                <Link href={hrefOf(row)} class="row-link" {...rowLink}>
                  {first.cell(row)}
                </Link>
              )}
            </td>
            {others.map((column) => (
              <td key={column.head} class={classOf(column)}>
                {column.cell(row)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function classOf({ align, isWide = false }: Pick<Column<never>, 'align' | 'isWide'>): string | undefined {
  const classes = [align === 'right' && 'number', isWide && 'wide'].filter(Boolean).join(' ');
  return classes === '' ? undefined : classes;
}
