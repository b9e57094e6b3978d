import type { FeedLine } from '../../server/feed/read-feed.ts';
import type { RunEnd } from '../../server/feed/stream-feed.ts';
import { followEvents, type FollowDeps } from '../listen/follow-events.ts';
import { formatLine } from '../listen/format-line.ts';

export interface ListenOptions {
  source?: string;
  type?: string;
  workflow?: string;
  json?: boolean;
}

interface ListenDeps extends FollowDeps {
  /** Resolves once the reader has taken the line; false if it takes no more. */
  write: (line: string) => Promise<boolean>;
}

/** How many runs are watched at once. The oldest are given up. */
const mostOpen = 20;

/** `kait listen`: prints each webhook, run and delivery of a running Kait as one line, whichever server it happens on, until the reader goes away. */
export async function listen(deps: ListenDeps, { json = false, ...filter }: ListenOptions): Promise<void> {
  const open: string[] = [];
  const path = () => `/feed?${queryOf(filter, open)}`;
  for await (const line of followEvents<FeedLine | RunEnd>(deps, path, 'Listening. End with Ctrl-C.')) {
    remember(open, line);
    if (!(await deps.write(json ? JSON.stringify(line) : formatLine(line)))) return;
  }
}

function queryOf(filter: Omit<ListenOptions, 'json'>, open: readonly string[]): string {
  const pairs = Object.entries(filter).filter((pair): pair is [string, string] => typeof pair[1] === 'string');
  return new URLSearchParams([...pairs, ...open.map((run): [string, string] => ['open', run])]).toString();
}

/** The runs that were shown and are under way. */
function remember(open: string[], line: FeedLine | RunEnd): void {
  if (line.kind !== 'run' && line.kind !== 'end') return;
  const known = open.indexOf(line.run);
  if (known >= 0) open.splice(known, 1);
  if (line.kind === 'run') open.push(line.run);
  if (open.length > mostOpen) open.shift();
}
