/**
 * The candidate that `word` most likely misspells. At most a third of its letters, and at most three, may be changed, added,
 * dropped or swapped with their neighbor. Ignores letter case. Undefined if no candidate is close.
 */
export function closest(word: string, candidates: readonly string[]): string | undefined {
  const allowed = Math.min(3, Math.floor(word.length / 3));
  let best: string | undefined;
  let bestDistance = allowed + 1;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - word.length) > allowed) continue;
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

/** A hint with the name that was most likely meant by `word`; `otherwise` if none is close. */
export function suggest<Otherwise extends string | undefined>(
  word: string,
  names: readonly string[],
  otherwise: Otherwise,
): string | Otherwise {
  const near = closest(word, names);
  return near === undefined ? otherwise : `Did you mean "${near}"?`;
}

/** Optimal string alignment: the Levenshtein distance, with a swap of two neighbors as one edit. */
function editDistance(from: string, to: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const same = from[row - 1] === to[column - 1];
      const swapped = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      current[column] = Math.min(
        at(previous, column) + 1,
        at(current, column - 1) + 1,
        at(previous, column - 1) + (same ? 0 : 1),
        swapped ? at(beforePrevious, column - 2) + 1 : Infinity,
      );
    }
    beforePrevious = previous;
    previous = current;
  }
  return at(previous, to.length);
}

function at(row: number[], column: number): number {
  return row[column] ?? Infinity;
}
