import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { Loaded } from './use-load.ts';

/** A page of a list, as the API answers it. */
interface Answer<Item> {
  items: Item[];
  next: string | null;
}

/** A list of which more and more is shown. */
export interface Pages<Item> extends Loaded<Item[]> {
  hasMore: boolean;
  isLoadingMore: boolean;
  more: () => Promise<void>;
}

/** How much is asked for again at most, when the list is loaded anew. */
const mostAnew = 5;

/**
 * Asks for a list page by page, and from the beginning whenever `key` changes. When it is loaded again, as many pages as are shown are asked for, so that
 * nobody loses their place.
 */
export function usePages<Item>(
  key: string,
  load: (cursor: string | undefined, signal: AbortSignal) => Promise<Answer<Item>>,
): Pages<Item> {
  const [state, setState] = useState<State<Item>>({ key, items: null, next: null, pages: 1, error: null });
  const [busy, setBusy] = useState<'no' | 'anew' | 'more'>('anew');
  const latest = useRef(load);
  latest.current = load;
  const current = useRef(state);
  current.current = state;
  const running = useRef<AbortController | null>(null);

  const ask = useCallback(
    async (what: 'anew' | 'more'): Promise<void> => {
      const before = current.current.key === key ? current.current : null;
      if (what === 'more' && (before?.next ?? null) === null) return;
      running.current?.abort();
      const own = new AbortController();
      running.current = own;
      setBusy(what);
      try {
        const isMore = what === 'more' && before !== null;
        let items = isMore ? (before.items ?? []) : [];
        let next = isMore ? before.next : null;
        const wanted = isMore ? 1 : Math.min(before?.pages ?? 1, mostAnew);
        let loaded = 0;
        do {
          const answer = await latest.current(next ?? undefined, own.signal);
          if (own.signal.aborted) return;
          items = [...items, ...answer.items];
          next = answer.next;
          loaded += 1;
        } while (loaded < wanted && next !== null);
        setState({ key, items, next, pages: isMore ? before.pages + 1 : loaded, error: null });
        setBusy('no');
      } catch (error) {
        if (own.signal.aborted) return;
        setState({ ...(before ?? { key, items: null, next: null, pages: 1 }), error: error as Error });
        setBusy('no');
      }
    },
    [key],
  );

  useEffect(() => {
    void ask('anew');
    return () => running.current?.abort();
  }, [ask]);

  const isCurrent = state.key === key;
  return {
    data: isCurrent ? state.items : null,
    error: isCurrent ? state.error : null,
    isLoading: busy === 'anew',
    reload: () => ask('anew'),
    hasMore: isCurrent && state.next !== null,
    isLoadingMore: busy === 'more',
    more: () => ask('more'),
  };
}

interface State<Item> {
  key: string;
  items: Item[] | null;
  next: string | null;
  pages: number;
  error: Error | null;
}
