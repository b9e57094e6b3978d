/** A line of the comparison of two lists. */
export interface DiffLine {
  kind: 'same' | 'missing' | 'unexpected';
  text: string;
}

/**
 * Merges two lists with as many common lines as possible; undefined if the lists agree. `matches` decides whether an expected line
 * and a received one are the same.
 */
export function compareLists(
  expected: readonly string[],
  got: readonly string[],
  matches: (expectedAt: number, gotAt: number) => boolean,
): DiffLine[] | undefined {
  const common = commonLengths(expected.length, got.length, matches);
  const lines: DiffLine[] = [];
  let one = 0;
  let other = 0;
  while (one < expected.length || other < got.length) {
    const below = common[one + 1]?.[other] ?? -1;
    const beside = common[one]?.[other + 1] ?? -1;
    if (one < expected.length && other < got.length && matches(one, other)) {
      lines.push({ kind: 'same', text: got[other++] ?? '' });
      one += 1;
    } else if (one < expected.length && below >= beside) {
      lines.push({ kind: 'missing', text: expected[one++] ?? '' });
    } else {
      lines.push({ kind: 'unexpected', text: got[other++] ?? '' });
    }
  }
  return lines.every(({ kind }) => kind === 'same') ? undefined : lines;
}

/** `[i][j]` is the length of the longest common subsequence of the rests from `i` and from `j`. */
function commonLengths(rows: number, columns: number, matches: (row: number, column: number) => boolean): number[][] {
  const lengths = Array.from({ length: rows + 1 }, () => Array.from({ length: columns + 1 }, () => 0));
  for (let row = rows - 1; row >= 0; row -= 1) {
    const current = lengths[row] ?? [];
    const next = lengths[row + 1] ?? [];
    for (let column = columns - 1; column >= 0; column -= 1) {
      current[column] = matches(row, column)
        ? (next[column + 1] ?? 0) + 1
        : Math.max(next[column] ?? 0, current[column + 1] ?? 0);
    }
  }
  return lengths;
}
