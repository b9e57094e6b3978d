import pc from 'picocolors';
import type { TimeOptions } from './shown-time.ts';

/** What every long list takes. */
export interface ListOptions extends TimeOptions {
  limit: number;
  cursor?: string;
  /** As the API answers it. */
  json?: boolean;
}

/** What stands below a list that goes on. */
export function nextPage(cursor: string | null): string {
  return cursor === null ? '' : pc.dim(`\nMore: add --cursor ${cursor}`);
}
