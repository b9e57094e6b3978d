import type { CanonicalEvent } from '../../language/event.ts';
import { matchTrigger } from '../../language/match-trigger.ts';
import { turnKeyOf, type TurnRules } from '../../language/turns.ts';
import type { Database } from '../../storage/database.ts';
import { envelopeColumnsSql } from '../../storage/stored-envelope.ts';
import { laggardsSql, type Laggards } from '../../storage/turns/give-turns.ts';
import type { LoadedDefinition } from '../load-definitions.ts';
import { isClaimed, readRows, type ClaimedRow, type ReadData } from '../read-claimed.ts';

/**
 * Works out the keys of events that came before a row and are still to be dispatched, so that a run does not wait for those of other keys.
 * What it does not tell must be waited for.
 */
export type FindLaggards = (loaded: LoadedDefinition, rules: TurnRules, before: number) => Promise<Laggards>;

/** Most are dispatched within moments, and asked about several times until then. */
const mostKnown = 10_000;

const readSql = `
  select events.id, ${envelopeColumnsSql('events')}, events.body_id, events.item, bodies.content_type, 1 as found,
    null as begun_at, false as doubtful, null as runs,
    case when row_number() over (partition by events.body_id order by events.id) = 1 then bodies.bytes end as bytes
  from events left join bodies on bodies.id = events.body_id
  where events.id = any(array(select json_array_elements_text($1::json)::bigint)) and events.envelope is not null
  order by events.id`;

export function createFindLaggards({ database, readData }: { database: Database; readData: ReadData }): FindLaggards {
  const known = new Map<string, string | null>();

  return async (loaded, { types, sources }, before) => {
    const { definition, hash } = loaded;
    const values = [definition.name, JSON.stringify(types), sources && JSON.stringify(sources), String(before)];
    const rows = await database.run<{ id: number | string }>('turn-laggards', laggardsSql, values);
    const ids = rows.map(({ id }) => Number(id));
    const unknown = ids.filter((id) => !known.has(`${hash} ${id}`));
    if (unknown.length > 0) {
      if (known.size > mostKnown) known.clear();
      for (const [id, key] of await keysOf(loaded, unknown)) known.set(`${hash} ${id}`, key);
    }
    return new Map(
      ids.flatMap((id) => {
        const key = known.get(`${hash} ${id}`);
        return key === undefined ? [] : [[id, key] as const];
      }),
    );
  };

  async function keysOf(loaded: LoadedDefinition, ids: number[]): Promise<[number, string | null][]> {
    const rows = await database.run<ClaimedRow>('turn-read', readSql, [JSON.stringify(ids)]);
    const read = await readRows(rows, readData);
    // The body of another one cannot be read: its event starts no run, until somebody corrects that.
    return read.map((row) => [row.rowId, isClaimed(row) ? keyOf(loaded, row.event) : null]);
  }
}

/** Null also if the event starts no run of the definition, or cannot: dispatching it will say so. */
function keyOf({ definition, settings }: LoadedDefinition, event: CanonicalEvent): string | null {
  if (!matchTrigger(definition, event, settings).triggered) return null;
  try {
    return turnKeyOf(definition, event, settings);
  } catch {
    return null;
  }
}
