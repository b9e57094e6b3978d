/**
 * How far a reader has come in a table whose rows are numbered as they are inserted. A transaction that is still open when later numbers
 * are seen commits numbers that were skipped, so these stay awaited for a while. Most never come: a duplicate uses one up too.
 */
export interface Position {
  /** The highest number that was seen. */
  last: number;
  /** Ranges below it that were not seen, and until when they are awaited (milliseconds since 1970, by the database's clock). */
  gaps: Gap[];
}

export type Gap = [from: number, to: number, untilMs: number];

/** Longer than any statement of Kait's own may take. */
const awaitedMs = 60_000;
/** The oldest are given up beyond this many. */
const mostGaps = 500;

/** The position after these rows were seen. */
export function advance({ last, gaps }: Position, seen: readonly number[], nowMs: number): Position {
  const ascending = [...seen].sort((one, other) => one - other);
  const remaining = gaps.flatMap((gap) => without(gap, ascending)).filter(([, , untilMs]) => untilMs > nowMs);
  const found: Gap[] = [];
  let highest = last;
  for (const number of ascending) {
    if (number > highest + 1) found.push([highest + 1, number - 1, nowMs + awaitedMs]);
    highest = Math.max(highest, number);
  }
  return { last: highest, gaps: [...remaining, ...found].slice(-mostGaps) };
}

/** What is left of a gap. */
function without([from, to, untilMs]: Gap, seen: readonly number[]): Gap[] {
  const inside = seen.filter((number) => number >= from && number <= to);
  const edges = [from - 1, ...inside, to + 1];
  return edges
    .slice(1)
    .map((edge, index): Gap => [(edges[index] ?? from) + 1, edge - 1, untilMs])
    .filter(([first, end]) => first <= end);
}
