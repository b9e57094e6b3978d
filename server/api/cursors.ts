import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Installation } from '../../storage/installation.ts';
import { ApiProblem } from './problem.ts';

/** Where a list goes on: the values that it is sorted by, of the last row of a page. */
export type PagePosition = readonly (string | number)[];

/** Which list, with which filters. A cursor of one is none of another. */
export interface ListKey {
  list: string;
  filters: Readonly<Record<string, unknown>>;
}

/** How many bytes of the seal a cursor has. */
const sealBytes = 16;

/**
 * A position as clients get it. It is sealed, so that a database is never asked with what a client has made up, and every server of the
 * installation takes it.
 */
export function sealCursor(installation: Pick<Installation, 'sealKey'>, key: ListKey, position: PagePosition): string {
  const content = Buffer.from(JSON.stringify(position));
  return `${content.toString('base64url')}.${sealOf(installation, key, content).toString('base64url')}`;
}

/** Null: from the beginning. Throws a problem if it is not a cursor of this list. */
export function openCursor(
  installation: Pick<Installation, 'sealKey'>,
  key: ListKey,
  cursor: string | undefined,
): PagePosition | null {
  if (cursor === undefined) return null;
  const [content = '', seal = ''] = cursor.split('.');
  const bytes = Buffer.from(content, 'base64url');
  const given = Buffer.from(seal, 'base64url');
  const expected = sealOf(installation, key, bytes);
  if (given.length !== sealBytes || !timingSafeEqual(given, expected)) throw wrongCursor();
  return JSON.parse(bytes.toString()) as PagePosition; // Nobody else can have sealed it.
}

function wrongCursor(): ApiProblem {
  const detail = 'cursor must be the "next" of an earlier answer, with the same other parameters.';
  return new ApiProblem(400, 'invalid-request', detail, { errors: [{ detail, parameter: 'cursor' }] });
}

function sealOf({ sealKey }: Pick<Installation, 'sealKey'>, { list, filters }: ListKey, content: Buffer): Buffer {
  const given = Object.entries(filters).filter(([, value]) => value !== undefined);
  const about = JSON.stringify(['cursor', list, given.sort(([one], [other]) => (one < other ? -1 : 1))]);
  const seal = createHmac('sha256', sealKey).update(`${about.length}:${about}`).update(content).digest();
  return seal.subarray(0, sealBytes);
}

/**
 * A page of a list. `read` gets where to begin and how many rows to read at most, which is one more than the page has. `place` says where a
 * row stands, and is no part of the answer.
 */
export async function readPage<Row extends { place: PagePosition }>(
  installation: Pick<Installation, 'sealKey'>,
  { list, query: { limit, cursor, ...filters } }: { list: string; query: PageQuery },
  read: (page: PageRequest) => Promise<Row[]>,
): Promise<{ items: Omit<Row, 'place'>[]; next: string | null }> {
  const key = { list, filters };
  const rows = await read({ after: openCursor(installation, key, cursor), limit: limit + 1 });
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const next = rows.length > limit && last !== undefined ? sealCursor(installation, key, last.place) : null;
  return { items: shown.map(withoutPlace), next };
}

/** A page of a list that finds out itself where it goes on. */
export async function readOwnPage<Item>(
  installation: Pick<Installation, 'sealKey'>,
  { list, query: { limit, cursor, ...filters } }: { list: string; query: PageQuery },
  read: (page: PageRequest) => Promise<{ items: Item[]; next: PagePosition | null }>,
): Promise<{ items: Item[]; next: string | null }> {
  const key = { list, filters };
  const { items, next } = await read({ after: openCursor(installation, key, cursor), limit });
  return { items, next: next === null ? null : sealCursor(installation, key, next) };
}

export function withoutPlace<Row extends { place: PagePosition }>(row: Row): Omit<Row, 'place'> {
  const item: Omit<Row, 'place'> & { place?: PagePosition } = { ...row };
  delete item.place;
  return item;
}

/** What a list's query has to read. */
export interface PageRequest {
  /** Default: from the beginning. */
  after?: PagePosition | null;
  limit: number;
}

interface PageQuery {
  limit: number;
  cursor?: string | undefined;
  [filter: string]: unknown;
}
