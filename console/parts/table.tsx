import './table.css';
import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
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
 * Rows under headings. If `hrefOf` is given, the whole row leads there, and its first cell holds the link. On narrow screens, and wherever the
 * columns do not fit, each row becomes a small block: the first cell above, the others in a line below.
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
  const table = useFitting();
  const [first, ...others] = columns;
  if (first === undefined) return null;
  return (
    <table ref={table} class={hrefOf === undefined ? 'table' : 'table linked'}>
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

const narrow = '(max-width: 48rem)';

/** Turns a table into blocks while it is wider than what it stands in. That depends on what the cells say, so it is measured. */
function useFitting() {
  const ref = useRef<HTMLTableElement>(null);
  const fit = () => {
    const table = ref.current;
    const room = table?.parentElement;
    if (!table || !room) return;
    table.removeAttribute('data-blocks');
    const isTooWide = window.matchMedia(narrow).matches || table.offsetWidth > room.clientWidth;
    table.toggleAttribute('data-blocks', isTooWide);
  };
  useLayoutEffect(fit);
  useEffect(() => {
    const room = ref.current?.parentElement;
    if (!room) return;
    let width = room.clientWidth;
    const observer = new ResizeObserver(() => {
      if (room.clientWidth === width) return;
      width = room.clientWidth;
      requestAnimationFrame(fit); // In the observer, the new height of the table would be an error.
    });
    observer.observe(room);
    fit(); // The window may have changed since the layout.
    window.addEventListener('resize', fit); // A table that is too wide may keep what it stands in from becoming narrower.
    return () => {
      observer.disconnect();
      window.removeEventListener('resize', fit);
    };
  }, []);
  return ref;
}

function classOf({ align, isWide = false }: Pick<Column<never>, 'align' | 'isWide'>): string | undefined {
  const classes = [align === 'right' && 'number', isWide && 'wide'].filter(Boolean).join(' ');
  return classes === '' ? undefined : classes;
}
