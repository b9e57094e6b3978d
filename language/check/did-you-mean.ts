import { closest } from '../closest.ts';

/** What to write instead. Made when it is shown: looking for near names would take longer than the rest of the check. */
export type Hint = string | (() => string | undefined);

/** The name that was most likely meant; where none is near, `otherwise`. */
export function didYouMean(word: string, names: () => readonly string[], otherwise?: string): Hint {
  return () => {
    const near = closest(word, names());
    return near === undefined ? otherwise : `Did you mean "${near}"?`;
  };
}
