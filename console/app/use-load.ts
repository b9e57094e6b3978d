import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { ApiError } from './send.ts';

/** What a page has asked for. */
export interface Loaded<Data> {
  /** Null: nothing has come yet. While it is asked for again, the last answer stays. */
  data: Data | null;
  /** Why the last request failed. Null: it did not. */
  error: ApiError | Error | null;
  isLoading: boolean;
  /** Asks again. Resolves when the answer is there. */
  reload: () => Promise<void>;
}

/**
 * Asks for something, and again whenever `key` changes. A null key asks for nothing. An answer that comes after the key has changed is dropped.
 */
export function useLoad<Data>(key: string | null, load: (signal: AbortSignal) => Promise<Data>): Loaded<Data> {
  const [answer, setAnswer] = useState<{ key: string | null; data: Data | null; error: Error | null }>(nothing);
  const [isLoading, setLoading] = useState(key !== null);
  const latest = useRef(load);
  latest.current = load;
  const running = useRef<AbortController | null>(null);

  const ask = useCallback(async (): Promise<void> => {
    running.current?.abort();
    if (key === null) return;
    const own = new AbortController();
    running.current = own;
    setLoading(true);
    try {
      const data = await latest.current(own.signal);
      if (!own.signal.aborted) setAnswer({ key, data, error: null });
    } catch (error) {
      if (own.signal.aborted) return;
      setAnswer((before) => ({ key, data: before.key === key ? before.data : null, error: error as Error }));
    } finally {
      if (!own.signal.aborted) setLoading(false);
    }
  }, [key]);

  useEffect(() => {
    void ask();
    return () => running.current?.abort();
  }, [ask]);

  const isCurrent = answer.key === key;
  return { data: isCurrent ? answer.data : null, error: isCurrent ? answer.error : null, isLoading, reload: ask };
}

const nothing = { key: null, data: null, error: null };
