import type { Database } from '../../storage/database.ts';
import { advance } from './position.ts';
import { type FeedLine, type FeedPositions, newestPositions, readFeed } from './read-feed.ts';

/** The end of a run that was told of, with Temporal's word for it: `Completed`, `Failed`. */
export interface RunEnd {
  at: string;
  kind: 'end';
  workflow: string;
  run: string;
  status: string;
}

/** What a listener wants to hear of. */
export interface FeedFilter {
  source?: string | undefined;
  type?: string | undefined;
  workflow?: string | undefined;
}

/** Where a stream goes. */
export interface FeedSink {
  /** Resolves once the reader has room for more; false if it takes no more, or is too slow. `positions` are those after this line. */
  tell(line: FeedLine | RunEnd, positions: FeedPositions): Promise<boolean>;
  /** Says that the stream is alive, and where it is. Like `tell`. */
  beat(positions: FeedPositions): Promise<boolean>;
}

export interface StreamDeps {
  database: Database;
  /** Its id. Only its own runs are asked about. */
  installation: string;
  runStatus: (workflowId: string) => Promise<string | null>;
  /** Waits between two looks at the database. Resolves at once when the stream is to end. */
  pause: (ms: number) => Promise<void>;
  /** Milliseconds. */
  now: () => number;
}

const pauseMs = 1_000;
const beatMs = 10_000;
/** How many runs are watched for one listener. The oldest are given up. */
const mostOpen = 20;

/**
 * Tells of everything that happens until `isOver` says so or the reader takes no more. `from` is where the reader is, null for now; `open` are the
 * runs whose end it still waits for. A line that was told has its positions with it, so that whoever goes on from there, on any server,
 * neither misses a line nor hears it twice.
 */
export async function streamFeed(
  deps: StreamDeps,
  { from, open, ...filter }: FeedFilter & { from: FeedPositions | null; open: readonly string[] },
  sink: FeedSink,
  isOver: () => boolean,
): Promise<void> {
  let positions = from ?? (await newestPositions(deps.database));
  const watched = new Map(open.filter((run) => isOwn(run, deps)).map((run) => [run, run.split('/')[1] ?? run]));
  let saidAt = deps.now();
  if (!(await sink.beat(positions))) return;
  while (!isOver()) {
    const [feed, ended] = await Promise.all([readFeed(deps.database, positions), endedOf(deps, watched)]);
    for (const end of ended) {
      watched.delete(end.run);
      if (!(await sink.tell(end, positions))) return;
    }
    for (const { line, table, number, nowMs } of feed.numbered) {
      positions = { ...positions, [table]: advance(positions[table], [number], nowMs) };
      if (!isWanted(line, filter)) continue;
      if (line.kind === 'run') watched.set(line.run, line.workflow);
      if (!(await sink.tell(line, positions))) return;
    }
    positions = feed.positions;
    for (const run of [...watched.keys()].slice(0, -mostOpen)) watched.delete(run);
    if (feed.numbered.length + ended.length > 0) saidAt = deps.now();
    else if (deps.now() - saidAt >= beatMs) {
      saidAt = deps.now();
      if (!(await sink.beat(positions))) return;
    }
    if (feed.numbered.length === 0) await deps.pause(pauseMs);
  }
}

function isOwn(run: string, { installation }: StreamDeps): boolean {
  return run.startsWith(`${installation}/`);
}

/** A run that Temporal has forgotten, or does not answer about, has not ended as far as Kait knows. */
async function endedOf({ runStatus }: StreamDeps, watched: ReadonlyMap<string, string>): Promise<RunEnd[]> {
  const found = await Promise.all(
    [...watched].map(async ([run, workflow]) => ({ run, workflow, status: await runStatus(run) })),
  );
  return found.flatMap(({ run, workflow, status }): RunEnd[] =>
    status === null || status === 'Running' || status === 'Unknown'
      ? []
      : [{ at: new Date().toISOString(), kind: 'end', workflow, run, status }],
  );
}

/** The key of a delivery names the workflow and the source. */
function isWanted(line: FeedLine, { source, type, workflow }: FeedFilter): boolean {
  const [, named, namedSource] = line.kind === 'delivery' ? line.key.split('/') : [];
  const facts = {
    source: 'source' in line ? line.source : namedSource,
    type: 'type' in line ? line.type : undefined,
    workflow: 'workflow' in line ? line.workflow : named,
  };
  return (
    (source === undefined || facts.source === source) &&
    (type === undefined || facts.type === type) &&
    (workflow === undefined || facts.workflow === workflow)
  );
}
