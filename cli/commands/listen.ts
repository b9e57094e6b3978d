import { KaitError } from '../../errors.ts';
import type { FeedLine } from '../../server/feed/read-feed.ts';
import type { RunEnd } from '../../server/feed/stream-feed.ts';
import { type ApiClient, ApiRefusal } from '../api-client.ts';
import { formatLine } from '../listen/format-line.ts';
import { readEventStream } from '../listen/read-event-stream.ts';

export interface ListenOptions {
  source?: string;
  type?: string;
  workflow?: string;
  json?: boolean;
}

interface ListenDeps {
  api: Pick<ApiClient, 'open'>;
  /** Resolves once the reader has taken the line; false if it takes no more. */
  write: (line: string) => Promise<boolean>;
  /** What is not a result. */
  note: (line: string) => void;
  pause: (ms: number) => Promise<void>;
}

/** How many runs are watched at once. The oldest are given up. */
const mostOpen = 20;
const firstPauseMs = 500;
const longestPauseMs = 10_000;

/**
 * `kait listen`: prints each webhook, run and delivery of a running Kait as one line, whichever server it happens on, until the reader goes
 * away. The position is kept here, so that a connection that breaks, or a server that restarts, neither loses a line nor doubles one.
 */
export async function listen(deps: ListenDeps, { json = false, ...filter }: ListenOptions): Promise<void> {
  const { note, write } = deps;
  let lastId: string | null = null;
  let pauseMs = firstPauseMs;
  let isBroken = false;
  const open: string[] = [];
  for (;;) {
    try {
      const response = await deps.api.open(`/feed?${queryOf(filter, open)}`, {
        headers: lastId === null ? {} : { 'last-event-id': lastId },
      });
      if (isBroken) note('Connected again.');
      else if (lastId === null) note('Listening. End with Ctrl-C.');
      isBroken = false;
      pauseMs = firstPauseMs;
      for await (const { id, event, data } of readEventStream(response.body as unknown as AsyncIterable<Uint8Array>)) {
        if (event !== 'alive') {
          const line = JSON.parse(data) as FeedLine | RunEnd; // The server's own types.
          remember(open, line);
          if (!(await write(json ? JSON.stringify(line) : formatLine(line)))) return;
        }
        lastId = id ?? lastId;
      }
      throw new Error('The connection ended.');
    } catch (error) {
      if (lastId === null && !isBroken) throw error;
      if (isFinal(error)) throw error;
      if (!isBroken) note(`${error instanceof Error ? error.message : String(error)} Trying again.`);
      isBroken = true;
      await deps.pause(pauseMs);
      pauseMs = Math.min(pauseMs * 2, longestPauseMs);
    }
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

/** What the caller must change. */
function isFinal(error: unknown): boolean {
  if (error instanceof ApiRefusal) return error.status < 500 && error.status !== 429;
  return error instanceof KaitError && error.code !== 'KAIT_NOT_RUNNING';
}
