import type { Database } from '../../storage/database.ts';
import { advance, type Position } from './position.ts';

/** What one line of `kait listen` tells. Times are RFC 3339 in UTC. None holds a body, a secret or a URL. */
export type FeedLine = { at: string } & (
  | { kind: 'webhook'; source: string; type: string; event: string; state: string; reason: string | null }
  | { kind: 'run'; source: string; type: string; event: string; workflow: string; run: string }
  | {
      kind: 'delivery';
      type: string;
      /** Of the endpoint's URL, whose path or query may be a secret. */
      host: string;
      status: number | null;
      error: string | null;
      attempt: number;
      /** The idempotency key of the step that emitted it: `<installation>/<workflow>/<source>/<event>/<step>`. */
      key: string;
    }
  | { kind: 'rejection'; source: string; reason: string; status: number; address: string }
);

const tables = ['events', 'runs', 'attempts', 'rejections'] as const;
/** A reader's position in each table. */
export type FeedPositions = Record<(typeof tables)[number], Position>;

/** For each table: the column that numbers its rows, and the lines that it gives. `picked` has the numbers to read. */
const queries: Record<(typeof tables)[number], { number: string; lines: string }> = {
  events: {
    number: 'id',
    lines: `select events.id::float8 as number, events.received_at as at,
        json_build_object('kind', 'webhook', 'source', source, 'type', type, 'event', event_id, 'state', state, 'reason', last_error) as line
      from events join picked on picked.number = events.id`,
  },
  runs: {
    number: 'number',
    lines: `select runs.number::float8 as number, coalesce(runs.started_at, now()) as at,
        json_build_object('kind', 'run', 'source', source, 'type', type, 'event', event_id, 'workflow', definition, 'run', workflow_id) as line
      from runs join picked on picked.number = runs.number join events on events.id = runs.event`,
  },
  attempts: {
    number: 'id',
    lines: `select attempts.id::float8 as number, attempts.at,
        json_build_object('kind', 'delivery', 'type', messages.type, 'host', substring(url from '^[a-z]+://(?:[^/?#]*@)?([^/?#]*)'),
          'status', status, 'error', error, 'attempt', attempts.number, 'key', idempotency_key) as line
      from attempts join picked on picked.number = attempts.id
        join deliveries on deliveries.id = attempts.delivery join messages on messages.id = deliveries.message`,
  },
  rejections: {
    number: 'id',
    lines: `select rejections.id::float8 as number, rejections.at,
        json_build_object('kind', 'rejection', 'source', source, 'reason', reason, 'status', status, 'address', address) as line
      from rejections join picked on picked.number = rejections.id`,
  },
};

/** Rows of each table in one answer. */
const mostRows = 200;

/** The position at which nothing is left to read. */
export async function newestPositions(database: Database): Promise<FeedPositions> {
  const entries: [string, Position][] = await Promise.all(
    tables.map(async (table) => {
      const newest = `select coalesce(max(${queries[table].number}), 0)::float8 as last from ${table}`;
      const [row] = await database.run<{ last: number }>(`newest_of_${table}`, newest, []);
      return [table, { last: row?.last ?? 0, gaps: [] }];
    }),
  );
  return Object.fromEntries(entries) as unknown as FeedPositions; // One entry for each table.
}

/** The lines after these positions, oldest first, and the positions after them. However many servers share the database, it tells of all. */
export async function readFeed(
  database: Database,
  positions: FeedPositions,
): Promise<{ numbered: NumberedLine[]; positions: FeedPositions }> {
  const read = await Promise.all(
    tables.map(async (table) => {
      const { rows, position, nowMs } = await readTable(database, table, positions[table]);
      return { rows: rows.map((row) => ({ ...row, table, nowMs })), entry: [table, position] as const };
    }),
  );
  const numbered = read
    .flatMap(({ rows }) => rows)
    .sort((one, other) => one.at.getTime() - other.at.getTime())
    .map(({ at, line, ...row }) => ({ ...row, line: { at: at.toISOString(), ...line } as FeedLine }));
  return { numbered, positions: Object.fromEntries(read.map(({ entry }) => entry)) as unknown as FeedPositions };
}

/** A line, and what number it has in its table. */
export interface NumberedLine {
  line: FeedLine;
  table: keyof FeedPositions;
  number: number;
  /** By the database's clock, milliseconds since 1970. */
  nowMs: number;
}

interface Row {
  number: number;
  at: Date;
  line: object;
}

async function readTable(
  database: Database,
  table: (typeof tables)[number],
  position: Position,
): Promise<{ rows: Row[]; position: Position; nowMs: number }> {
  const { number, lines } = queries[table];
  const picked = `
    with picked as (
      select numbered.number from unnest($2::int8[], $3::int8[]) as gap(first, last)
        join lateral (select ${number} as number from ${table} where ${number} between gap.first and gap.last limit ${mostRows}) numbered on true
      union all
      (select ${number} from ${table} where ${number} > $1::int8 order by ${number} limit ${mostRows})
    )`;
  const values = [
    String(position.last),
    arrayOf(position.gaps.map(([first]) => first)),
    arrayOf(position.gaps.map(([, last]) => last)),
  ];
  const rows = await database.run<Row>(`feed_of_${table}`, `${picked} ${lines}`, values);
  const [clock] = await database.run<{ ms: number }>(
    'feed_clock',
    'select extract(epoch from now())::float8 * 1000 as ms',
    [],
  );
  const nowMs = clock?.ms ?? 0;
  return {
    rows,
    nowMs,
    position: advance(
      position,
      rows.map((row) => row.number),
      nowMs,
    ),
  };
}

const arrayOf = (numbers: number[]) => `{${numbers.join(',')}}`;
