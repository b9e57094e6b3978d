import pc from 'picocolors';
import { printable } from '../../../language/printable.ts';
import type { RunChange } from '../../../server/runs/run-changes.ts';
import { followEvents, type FollowDeps } from '../../listen/follow-events.ts';
import { markOf, shown, wordOf } from '../../runs/format-run.ts';
import { shownTime, type TimeOptions } from '../../shown-time.ts';

export interface WatchRunOptions extends TimeOptions {
  json?: boolean;
}

interface WatchDeps extends FollowDeps {
  /** Resolves once the reader has taken the line; false if it takes no more. */
  write: (line: string) => Promise<boolean>;
}

/** `kait runs watch`: prints what happens to a run as lines until it ends. Resolves to the exit code: 0 if the run has completed. */
export async function watchRun(deps: WatchDeps, run: string, options: WatchRunOptions): Promise<number> {
  for await (const change of followEvents<RunChange>(deps, () => `/runs/${encodeURIComponent(run)}/watch`)) {
    const wasTaken = await deps.write(options.json === true ? JSON.stringify(change) : changeLine(change, options));
    if (change.kind === 'end') return change.status === 'COMPLETED' ? 0 : 1;
    if (!wasTaken) break;
  }
  return 0;
}

/** One line, in which nothing of strangers reaches the terminal as a command. */
function changeLine(change: RunChange, times: TimeOptions): string {
  return `${pc.dim(printable(shownTime(change.at, times)))}  ${told(change)}`;
}

function told({ kind, step, status, text, result }: RunChange): string {
  const name = pc.bold(printable(step ?? ''));
  const more = text === null ? '' : `: ${printable(text)}`;
  switch (kind) {
    case 'step':
      return `${markOf(status)} ${name} ${printable(status ?? '')}${more}`;
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
      const words = `The run is ${wordOf(status ?? 'unknown')}${more}${value}`;
      return status === 'COMPLETED' ? pc.green(words) : pc.red(words);
    }
  }
}
