import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Identifies one process for good. A pid alone does not, because the system reuses it. */
export interface ProcessIdentity {
  pid: number;
  /** The system's text for when the process started. Its format differs between systems: only compare it. */
  startedAt: string;
}

/** Identifies the process with this pid. Undefined if no process has it, or if the process is a zombie: it has ended, but its parent has not collected it. */
export function identifyProcess(pid: number): ProcessIdentity | undefined {
  const startedAt = process.platform === 'linux' ? startTicks(pid) : startDate(pid);
  return startedAt === undefined ? undefined : { pid, startedAt };
}

/** Whether the identified process still runs. False if another process has its pid now. */
export function isRunning(identity: ProcessIdentity): boolean {
  return identifyProcess(identity.pid)?.startedAt === identity.startedAt;
}

/**
 * The start time in proc(5) counts ticks since boot. It is combined with the boot's id, because after a reboot a process with the
 * same pid can have started at the same tick.
 */
function startTicks(pid: number): string | undefined {
  const stat = readIfThere(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  // The second field is the program's name in parentheses. The name itself may contain blanks and parentheses.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, ticks] = [fields[0], fields[19]];
  if (state === 'Z' || state === 'X' || ticks === undefined) return undefined;
  return `${readIfThere('/proc/sys/kernel/random/boot_id')?.trim() ?? ''}:${ticks}`;
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    // ESRCH: the process ended between open and read.
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH'))
      return undefined;
    throw error;
  }
}

/** For macOS and the BSDs. `lstart` has a resolution of one second. In UTC, it does not change with the time zone. */
function startDate(pid: number): string | undefined {
  try {
    const env = { PATH: '/bin:/usr/bin', LC_ALL: 'C', TZ: 'UTC' };
    const output = execFileSync('ps', ['-o', 'stat=', '-o', 'lstart=', '-p', String(pid)], {
      env,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const [, state, started] = /^(\S+)\s+(.+)$/.exec(output.trim()) ?? [];
    return state === undefined || state.startsWith('Z') ? undefined : started;
  } catch {
    return undefined; // `ps` exits with 1 if there is no such process.
  }
}
