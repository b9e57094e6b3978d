import type { Database } from '../../storage/database.ts';

/** What can change. `status` has no things of its own. */
export const changeKinds = ['events', 'runs', 'deliveries', 'approvals', 'status'] as const;
export type ChangeKind = (typeof changeKinds)[number];

/** A thing that is new or is in another state. No bodies, and nothing that a customer wrote. */
export interface ChangedThing {
  /** As the API names it: `<source>/<event id>`, a workflow id, the id of a delivery or of an approval. */
  id: string;
  /** Null: it is told elsewhere. */
  state: string | null;
}

export interface Change {
  kind: ChangeKind;
  things: ChangedThing[];
  /** Whether these are all. False: anything of this kind may have changed. */
  complete: boolean;
}

/** What stood in the newest rows of each table, by row. The text differs if anything did. */
export type Newest = ReadonlyMap<string, ReadonlyMap<string, ChangedThing & { version: string }>>;

/** Rows of each table that are looked at. More new ones between two looks are told as "anything may have changed". */
const mostRows = 200;

/** For each table: what its rows are, and its newest ones, each found by an index from its end. */
const tables: Record<string, { kind: ChangeKind; newest: string }> = {
  events: {
    kind: 'events',
    newest: `select id::text as row, source || '/' || event_id as id, state, duplicates::text as version from events order by id desc`,
  },
  runs: {
    kind: 'runs',
    newest: `select number::text as row, workflow_id as id, null as state, '' as version from runs order by number desc`,
  },
  // What somebody told a run, or did to it.
  audit: {
    kind: 'runs',
    newest: `select id::text as row, target as id, null as state, '' as version from audit order by id desc`,
  },
  deliveries: {
    kind: 'deliveries',
    newest: `select id as row, id, state, attempts || '/' || replays as version from deliveries order by created_at desc`,
  },
  attempts: {
    kind: 'deliveries',
    newest: `select id::text as row, delivery as id, null as state, '' as version from attempts order by id desc`,
  },
  approvals: {
    kind: 'approvals',
    newest: `select id as row, id, state, round::text as version from approval_requests order by opened_at desc, id desc`,
  },
  answers: {
    kind: 'approvals',
    newest: `select id::text as row, request as id, null as state, '' as version from approvals order by id desc`,
  },
};

/**
 * The newest rows of each table. Rows are compared instead of counted, so that a transaction that commits late is not missed, and a row in another
 * state is noticed. Costs the same with a million rows.
 */
export async function readNewest(database: Pick<Database, 'run'>): Promise<Newest> {
  const read = Object.entries(tables).map(async ([table, { newest }]) => {
    const rows = await database.run<{ row: string; id: string; state: string | null; version: string }>(
      `changes_of_${table}`,
      `${newest} limit ${mostRows}`,
      [],
    );
    return [table, new Map(rows.map(({ row, ...thing }) => [row, thing]))] as const;
  });
  return new Map(await Promise.all(read));
}

/** What is in `now` and was not, or was in another state. */
export function compareNewest(before: Newest, now: Newest): Change[] {
  const found = new Map<ChangeKind, { things: Map<string, ChangedThing>; complete: boolean }>();
  for (const [table, { kind }] of Object.entries(tables)) {
    const [old, fresh] = [before.get(table) ?? new Map<string, never>(), now.get(table) ?? new Map<string, never>()];
    const changed = [...fresh].filter(([row, thing]) => !isSame(old.get(row), thing));
    if (changed.length === 0) continue;
    const { things, complete } = found.get(kind) ?? { things: new Map<string, ChangedThing>(), complete: true };
    for (const [, { id, state }] of changed) things.set(id, { id, state: state ?? things.get(id)?.state ?? null });
    // If none of the rows was there before, others may have come and are hidden behind these.
    const isOverrun = changed.length === fresh.size && fresh.size === mostRows;
    found.set(kind, { things, complete: complete && !isOverrun });
  }
  return [...found].map(([kind, { things, complete }]) => ({ kind, things: [...things.values()], complete }));
}

type Row = ChangedThing & { version: string };

function isSame(old: Row | undefined, { state, version }: Row): boolean {
  return old?.state === state && old.version === version;
}
