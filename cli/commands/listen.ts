import { KaitError } from '../../errors.ts';
import type { FeedAnswer } from '../../server/feed/answer-listener.ts';
import type { FeedLine, FeedPositions } from '../../server/feed/read-feed.ts';
import { answerOf, type ApiClient } from '../api-client.ts';
import { formatLine, type RunEnd } from '../listen/format-line.ts';

export interface ListenOptions {
  source?: string;
  type?: string;
  workflow?: string;
  json?: boolean;
}

interface ListenDeps {
  api: ApiClient;
  /** Resolves once the reader has taken the line; false if it takes no more. */
  write: (line: string) => Promise<boolean>;
  /** What is not a result. */
  note: (line: string) => void;
  pause: (ms: number) => Promise<void>;
  now: () => Date;
}

/** How many runs are watched at once. The oldest are given up. */
const mostOpen = 20;
const firstPauseMs = 500;
const longestPauseMs = 10_000;

/**
 * `kait listen`: prints each webhook, run and delivery of a running Kait as one line, whichever server it happens on, until the reader goes
 * away. The positions are kept here, so that a connection that breaks, or a server that restarts, neither loses a line nor doubles one.
 */
export async function listen(deps: ListenDeps, options: ListenOptions): Promise<void> {
  const { api, note, write } = deps;
  let positions = (await ask(api, { open: [] })).positions;
  const open = new Map<string, string>();
  note('Listening. End with Ctrl-C.');
  for (;;) {
    const answer = await askAgain(deps, { positions, open: [...open.keys()] });
    for (const line of wantedLines(answer, { open, options, now: deps.now() })) {
      if (!(await write(options.json === true ? JSON.stringify(line) : formatLine(line)))) return;
    }
    positions = answer.positions;
  }
}

async function ask(api: ApiClient, request: { positions?: FeedPositions; open: string[] }): Promise<FeedAnswer> {
  return (await answerOf(api.POST('/feed', { body: request }))) as unknown as FeedAnswer; // The server's own types.
}

/** Asks until there is an answer: the server may be restarting. What the caller must change is thrown. */
async function askAgain(deps: ListenDeps, request: Parameters<typeof ask>[1]): Promise<FeedAnswer> {
  for (let pauseMs = firstPauseMs, isFirst = true; ; pauseMs = Math.min(pauseMs * 2, longestPauseMs), isFirst = false) {
    try {
      const answer = await ask(deps.api, request);
      if (!isFirst) deps.note('Connected again.');
      return answer;
    } catch (error) {
      if (error instanceof KaitError && error.code === 'KAIT_ADMIN_REFUSED') throw error;
      if (isFirst) deps.note(`${error instanceof Error ? error.message : String(error)} Trying again.`);
      await deps.pause(pauseMs);
    }
  }
}

/** Remembers which of the runs that are shown are under way, to tell their end. */
function wantedLines(
  answer: FeedAnswer,
  { open, options, now }: { open: Map<string, string>; options: ListenOptions; now: Date },
): (FeedLine | RunEnd)[] {
  const ends = answer.ended.map(({ run, status }): RunEnd => {
    const workflow = open.get(run) ?? run;
    open.delete(run);
    return { at: now.toISOString(), kind: 'end', workflow, run, status };
  });
  const wanted = answer.lines.filter((line) => isWanted(line, options));
  for (const line of wanted) if (line.kind === 'run') open.set(line.run, line.workflow);
  for (const run of [...open.keys()].slice(0, -mostOpen)) open.delete(run);
  return [...ends, ...wanted];
}

/** The key of a delivery names the workflow and the source. */
function isWanted(line: FeedLine, { source, type, workflow }: ListenOptions): boolean {
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
