import type { RunStep } from './run-state.ts';

/** A step in the waterfall. */
export interface Row {
  step: RunStep;
  depth: number;
  /** Of the branch that begins with it: `then`, `catch ResponseRefused`. Empty: it goes on with one. */
  branch: string;
}

/** The steps of a run from top to bottom, those within others below and further in. */
export function rowsOf(steps: readonly RunStep[], depth = 0, branch = ''): Row[] {
  return steps.flatMap((step, index) => [
    { step, depth, branch: index === 0 ? branch : '' },
    ...step.branches.flatMap(({ label, steps: inside }) => rowsOf(inside, depth + 1, label)),
  ]);
}

/** Where an instant is on the axis, from 0 to 1. */
export type Scale = (atMs: number) => number;

/** Waits that are this many times as long as the work would hide it. */
const tooUneven = 50;

/** Whether a scale that is true to time would show most of what happens as one line. */
export function isUneven(instants: readonly number[]): boolean {
  const lengths = gapsOf(instants);
  const longest = Math.max(0, ...lengths);
  const rest = lengths.reduce((sum, each) => sum + each, 0) - longest;
  return lengths.length > 2 && longest > tooUneven * rest;
}

/** True to time. */
export function linearScale(startMs: number, endMs: number): Scale {
  const length = Math.max(1, endMs - startMs);
  return (atMs) => Math.min(1, Math.max(0, (atMs - startMs) / length));
}

/** Between two instants, the room grows with the logarithm of the time. So a wait of a week leaves room for what took milliseconds. */
export function evenScale(instants: readonly number[]): Scale {
  const sorted = distinct(instants);
  const rooms = gapsOf(instants).map((gap) => Math.log1p(gap / 20));
  const total = rooms.reduce((sum, each) => sum + each, 0) || 1;
  const ends: number[] = [];
  rooms.reduce((sum, each) => (ends.push(sum + each), sum + each), 0);
  return (atMs) => {
    const next = sorted.findIndex((each) => each >= atMs);
    if (next === -1) return 1;
    if (next === 0) return 0;
    const [before = 0, after = 1] = [sorted[next - 1], sorted[next]];
    const from = next === 1 ? 0 : (ends[next - 2] ?? 0);
    const room = rooms[next - 1] ?? 0;
    return (from + (room * (atMs - before)) / (after - before)) / total;
  };
}

function distinct(instants: readonly number[]): number[] {
  return [...new Set(instants)].sort((a, b) => a - b);
}

function gapsOf(instants: readonly number[]): number[] {
  const sorted = distinct(instants);
  return sorted.slice(1).map((at, index) => at - (sorted[index] ?? at));
}
