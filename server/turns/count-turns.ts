import type { Database } from '../../storage/database.ts';

/** `waiting`: runs that wait for their turn. `blocked`: keys that a failed run keeps, so that somebody has to free them. */
export interface TurnCounts {
  waiting: number;
  blocked: number;
}

const countSql = `
  select (select count(*) from (
      (select from turns where state = 'queued' limit $1) union all (select from turns where state = 'ready' limit $1)) as waits
    ) as waiting,
    (select count(*) from (select from turns where state = 'blocked' limit $1) as blocks) as blocked`;

/** Each state is counted up to `atMost`. */
export async function countTurns(database: Database, atMost: number): Promise<TurnCounts> {
  type Row = Record<keyof TurnCounts, string | number>;
  const [row] = await database.run<Row>('turns-count', countSql, [atMost]);
  return { waiting: Number(row?.waiting ?? 0), blocked: Number(row?.blocked ?? 0) };
}
