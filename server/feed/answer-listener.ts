import type { Database } from '../../storage/database.ts';
import { type FeedLine, type FeedPositions, newestPositions, readFeed } from './read-feed.ts';

/** What a listener asks for. It keeps its own positions, so a server that restarts, or another one, goes on where it is. */
export interface FeedRequest {
  /** Left out: from now on. */
  positions?: FeedPositions | undefined;
  /** Runs whose end it waits for. */
  open: string[];
}

export interface FeedAnswer {
  lines: FeedLine[];
  /** For the next request. The same request gives the same lines, so an answer that is lost loses none. */
  positions: FeedPositions;
  /** Runs of `open` that have ended, with Temporal's word for it: `Completed`, `Failed`. */
  ended: { run: string; status: string }[];
}

export interface FeedDeps {
  database: Database;
  /** Its id. Only its own runs are asked about. */
  installation: string;
  runStatus: (workflowId: string) => Promise<string | null>;
  /** Waits between two looks at the database. */
  pause: (ms: number) => Promise<void>;
  /** Milliseconds. */
  now: () => number;
}

const pauseMs = 1_000;
/** With what a look may take, shorter than the time that clients wait for an answer. */
const longestMs = 8_000;

/** Answers as soon as there is something to tell, or after some seconds with nothing. Stops early if `isGone` says so. */
export async function answerListener(
  deps: FeedDeps,
  { positions, open }: FeedRequest,
  isGone: () => boolean,
): Promise<FeedAnswer> {
  if (positions === undefined) return { lines: [], positions: await newestPositions(deps.database), ended: [] };
  let latest = positions;
  const endMs = deps.now() + longestMs;
  for (;;) {
    const [feed, ended] = await Promise.all([readFeed(deps.database, latest), endedOf(deps, open)]);
    latest = feed.positions;
    if (feed.lines.length > 0 || ended.length > 0 || deps.now() >= endMs || isGone()) return { ...feed, ended };
    await deps.pause(pauseMs);
  }
}

/** A run that Temporal has forgotten, or does not answer about, has not ended as far as Kait knows. */
async function endedOf({ installation, runStatus }: FeedDeps, open: string[]): Promise<FeedAnswer['ended']> {
  const own = open.filter((run) => run.startsWith(`${installation}/`));
  const found = await Promise.all(own.map(async (run) => ({ run, status: await runStatus(run) })));
  return found.flatMap(({ run, status }) =>
    status === null || status === 'Running' || status === 'Unknown' ? [] : [{ run, status }],
  );
}

/** Lets at most `most` requests wait at once. Null: there are as many already. */
export function limitListeners(most: number): <Answer>(answer: () => Promise<Answer>) => Promise<Answer> | null {
  let waiting = 0;
  return (answer) => {
    if (waiting >= most) return null;
    waiting += 1;
    return answer().finally(() => {
      waiting -= 1;
    });
  };
}
