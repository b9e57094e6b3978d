import pc from 'picocolors';
import { printable } from '../../language/printable.ts';
import type { FeedLine } from '../../server/feed/read-feed.ts';
import type { RunEnd } from '../../server/feed/stream-feed.ts';

/** One line of `kait listen`, as `kait dev` shows it. */
export function formatLine(line: FeedLine | RunEnd): string {
  const time = new Date(line.at).toTimeString().slice(0, 8);
  return `${pc.dim(time)} ${told(line)}`;
}

function told(line: FeedLine | RunEnd): string {
  switch (line.kind) {
    case 'webhook': {
      const what = `← ${pc.cyan(printable(line.source))} ${pc.bold(printable(line.type))} ${printable(line.event)}`;
      return line.reason === null ? what : `${what}  ${line.state}: ${printable(line.reason)}`;
    }
    case 'run':
      return `▶ ${pc.bold(printable(line.workflow))} started for ${printable(line.event)}`;
    case 'end':
      return line.status === 'Completed'
        ? `${pc.green('✔')} ${pc.bold(printable(line.workflow))} completed`
        : `${pc.red('✘')} ${pc.bold(printable(line.workflow))} ${line.status.toLowerCase()}  ${pc.dim(printable(line.run))}`;
    case 'delivery': {
      const answer = printable(String(line.status ?? line.error ?? 'in doubt'));
      const outcome = isAccepted(line.status) ? pc.green(answer) : pc.red(answer);
      const attempt = line.attempt === 1 ? '' : ` (attempt ${line.attempt})`;
      return `→ ${pc.bold(printable(line.type))} to ${printable(line.host)}  ${outcome}${attempt}`;
    }
    case 'rejection':
      return `${pc.red('✘')} ${pc.cyan(printable(line.source))} rejected ${printable(line.reason)} (${line.status}) from ${printable(line.address)}`;
  }
}

function isAccepted(status: number | null): boolean {
  return status !== null && status >= 200 && status < 300;
}
