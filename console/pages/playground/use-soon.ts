import { useRef } from 'preact/hooks';

/** Does something a moment later, unless it is asked to do another thing before. Returns a function that calls it off. */
export function useSoon(afterMs: number): (act: (isLatest: () => boolean) => unknown) => () => void {
  const turn = useRef(0);
  return (act) => {
    const own = (turn.current += 1);
    const isLatest = () => turn.current === own;
    const timer = setTimeout(() => void act(isLatest), afterMs);
    return () => clearTimeout(timer);
  };
}
