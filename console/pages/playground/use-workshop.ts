import { useEffect, useState } from 'preact/hooks';
import type { Bench } from './worker/protocol.ts';
import { openWorkshop, type Workshop } from './workshop.ts';

/** The checker and the simulator beside the page, for what the server serves now. Null until then. */
export function useWorkshop(bench: Bench | null): Workshop | null {
  const [workshop, setWorkshop] = useState<Workshop | null>(null);
  useEffect(() => {
    if (bench === null) return;
    const opened = openWorkshop(bench);
    setWorkshop(opened);
    return () => opened.close();
  }, [bench]);
  return workshop;
}
