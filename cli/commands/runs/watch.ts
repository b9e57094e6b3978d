import pc from 'picocolors';
import { KaitError } from '../../../errors.ts';
import { printable } from '../../../language/printable.ts';
import type { RunChange } from '../../../server/runs/run-changes.ts';
import { type ApiClient, ApiRefusal } from '../../api-client.ts';
import { readEventStream } from '../../listen/read-event-stream.ts';
import { shown } from '../../runs/format-run.ts';
import { shownTime, type TimeOptions } from '../../shown-time.ts';

export interface WatchRunOptions extends TimeOptions {
  json?: boolean;
}

interface WatchDeps {
  api: Pick<ApiClient, 'open'>;
  /** Resolves once the reader has taken the line; false if it takes no more. */
  write: (line: string) => Promise<boolean>;
  /** What is not a result. */
  note: (line: string) => void;
  pause: (ms: number) => Promise<void>;
}

const firstPauseMs = 500;
const longestPauseMs = 10_000;

/**
 * `kait runs watch`: prints what happens to a run as lines until it ends, whichever server answers. A connection that breaks is made again, where it
 * was. Resolves to the exit code: 0 if the run has completed.
 */
export async function watchRun(deps: WatchDeps, run: string, options: WatchRunOptions): Promise<number> {
  let lastId: string | null = null;
  let pauseMs = firstPauseMs;
  let isBroken = false;
  for (;;) {
    try {
      const headers: Record<string, string> = lastId === null ? {} : { 'last-event-id': lastId };
      const response = await deps.api.open(`/runs/${encodeURIComponent(run)}/watch`, { headers });
      if (isBroken) deps.note('Connected again.');
      isBroken = false;
      pauseMs = firstPauseMs;
      for await (const { id, event, data } of readEventStream(response.body as unknown as AsyncIterable<Uint8Array>)) {
        lastId = id ?? lastId;
        if (event === 'alive') continue;
        const change = JSON.parse(data) as RunChange; // The server's own type.
        const wasTaken = await deps.write(options.json === true ? JSON.stringify(change) : changeLine(change, options));
        if (change.kind === 'end') return change.status === 'COMPLETED' ? 0 : 1;
        if (!wasTaken) return 0;
      }
      throw new Error('The connection ended.');
    } catch (error) {
      if ((lastId === null && !isBroken) || isFinal(error)) throw error;
      if (!isBroken) deps.note(`${error instanceof Error ? error.message : String(error)} Trying again.`);
      isBroken = true;
      await deps.pause(pauseMs);
      pauseMs = Math.min(pauseMs * 2, longestPauseMs);
    }
  }
}

/** One line, in which nothing of strangers reaches the terminal as a command. */
function changeLine(change: RunChange, times: TimeOptions): string {
  return `${pc.dim(printable(shownTime(change.at, times)))}  ${told(change)}`;
}

const marks: Record<string, string> = {
  running: '▶',
  parked: '‖',
  done: '✔',
  skipped: '–',
  failed: '✘',
  timedOut: '⧖',
  canceled: '□',
};

function told({ kind, step, status, text, result }: RunChange): string {
  const name = pc.bold(printable(step ?? ''));
  const more = text === null ? '' : `: ${printable(text)}`;
  switch (kind) {
    case 'step':
      return `${marks[status ?? ''] ?? '·'} ${name} ${printable(status ?? '')}${more}`;
    case 'attempt':
      return `↻ ${name} ${printable(text ?? '')}`;
    case 'asks':
      return `? ${name} ${printable(text ?? '')}`;
    case 'paused':
      return `‖ paused ${printable(text ?? '')}`;
    case 'resumed':
      return '▶ goes on after the pause';
    case 'missing':
      return `! ${printable(text ?? '')}`;
    case 'end': {
      const value =
        result === null || ('value' in result && result.value === null) ? '' : `: ${printable(shown(result))}`;
      const words = `The run is ${printable((status ?? 'unknown').toLowerCase().replaceAll('_', ' '))}${more}${value}`;
      return status === 'COMPLETED' ? pc.green(words) : pc.red(words);
    }
  }
}

/** What the caller must change. */
function isFinal(error: unknown): boolean {
  if (error instanceof ApiRefusal) return error.status < 500 && error.status !== 429;
  return error instanceof KaitError && error.code !== 'KAIT_NOT_RUNNING';
}
