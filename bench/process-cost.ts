import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/**
 * CPU seconds, user and system, that a process and its descendants have used so far, ended children included. Reads `/proc`,
 * so the benchmark needs Linux.
 */
export function cpuSecondsOf(pid: number): number {
  return treeOf(pid).reduce((sum, { cpuTicks }) => sum + cpuTicks, 0) / ticksPerSecond;
}

/** CPU seconds of the whole machine so far, including those that its host gave to others. See proc_stat(5). */
export function machineCpuSeconds(): number {
  const [, ...ticks] = readFileSync('/proc/stat', 'utf8').split('\n', 1).join().split(/\s+/).map(Number);
  const [user = 0, nice = 0, system = 0, , , interrupts = 0, softInterrupts = 0, stolen = 0] = ticks;
  return (user + nice + system + interrupts + softInterrupts + stolen) / ticksPerSecond;
}

/** Seconds so far in which the main thread of a process was ready to run and had no core. */
export function mainThreadWaitSeconds(pid: number): number {
  const [, waitedNs = 0] = readFileSync(`/proc/${pid}/task/${pid}/schedstat`, 'utf8').split(' ').map(Number);
  return waitedNs / 1e9;
}

/** The largest resident memory so far of any one process of the tree, in MB. A sum would count shared pages twice. */
export function peakMemoryMbOf(pid: number): number {
  return Math.max(...treeOf(pid).map((process) => statusKbOf(process.pid, 'VmHWM'))) / 1_024;
}

/** The resident memory of one process now, in MB; 0 if it has ended. */
export function memoryMbOf(pid: number): number {
  return statusKbOf(pid, 'VmRSS') / 1_024;
}

interface ProcessStat {
  pid: number;
  parent: number;
  cpuTicks: number;
}

const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

function treeOf(root: number): ProcessStat[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => readStat(Number(name)));
  const below = (pid: number): ProcessStat[] =>
    all.filter(({ parent }) => parent === pid).flatMap((child) => [child, ...below(child.pid)]);
  return [...all.filter(({ pid }) => pid === root), ...below(root)];
}

/** Empty if the process has ended meanwhile. See proc_pid_stat(5): the program's name may hold spaces and parentheses. */
function readStat(pid: number): ProcessStat[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [, parent, ...rest] = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    const [user = 0, system = 0, endedUser = 0, endedSystem = 0] = rest.slice(9, 13);
    return [{ pid, parent: parent ?? 0, cpuTicks: user + system + endedUser + endedSystem }];
  } catch {
    return [];
  }
}

/** See proc_pid_status(5). */
function statusKbOf(pid: number, field: 'VmRSS' | 'VmHWM'): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0);
  } catch {
    return 0;
  }
}
