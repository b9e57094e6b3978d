import { findNodeAtLocation, parseTree } from 'jsonc-parser';
import type { Path } from '../../language/check/report.ts';
import { guardOfTrigger } from '../../language/triggers.ts';
import type { Definition, Step } from '../../language/definition.ts';
import { stepsOf } from '../../language/plan.ts';
import { parseDuration } from '../../language/time.ts';
import { branchesOf, listsOf } from '../../language/verbs.ts';
import type { ExplainedTrigger } from '../explain-trigger.ts';
import type { Simulation, TraceEntry } from '../simulation.ts';
import { definitionPoints, stepPoints, timedOutPoint, type SeenRuns } from './step-points.ts';

/** How much of a definition its tests cover. */
export interface Coverage {
  covered: number;
  total: number;
  missing: MissingPoint[];
}

/** A branch that no test covers. */
export interface MissingPoint {
  /** The step's id; `on` for the trigger, `run` for the whole run. */
  step: string;
  what: string;
  /** The line in the definition's text, from 1. */
  line: number;
}

/** The run that a test led to. */
export interface TestedRun {
  trigger: ExplainedTrigger;
  /** Null if the event starts no run. */
  simulation: Simulation | null;
}

/**
 * The branch coverage of a definition. Every condition must be both true and false, every branch, case and `catch` taken, every
 * wait time out once, every loop have no items once, and every `undo` run once. `text` is for line numbers.
 */
export function measureCoverage(
  { definition, text }: { definition: Definition; text: string },
  results: readonly TestedRun[],
): Coverage {
  const points = coveragePoints(definition);
  const seen = seenRuns(definition, results);
  const lineOf = lineFinder(text);
  const missing = points
    .filter((point) => !point.isCovered(seen))
    .map(({ step, what, path }) => ({ step, what, line: lineOf(path) }));
  return { covered: points.length - missing.length, total: points.length, missing };
}

/** How much of one step the tests cover. */
export interface StepCoverage {
  /** Its id; `on` for the trigger, `run` for the whole run. */
  step: string;
  /** The line in the definition's text, from 1. */
  line: number;
  /** In how many tests it began. Null for the trigger and the whole run. */
  tests: number | null;
  branches: { what: string; line: number; isCovered: boolean }[];
}

/** The same by step, in the order in which they are written. Steps without branches are among them. `text` is for line numbers. */
export function coverageOfSteps(
  { definition, text }: { definition: Definition; text: string },
  results: readonly TestedRun[],
): StepCoverage[] {
  const seen = seenRuns(definition, results);
  const lineOf = lineFinder(text);
  const paths = pathsOfObjects(definition, []);
  const tests = testsOfSteps(definition, results);
  const own = stepsOf(definition).map(({ id }) => id);
  const points = coveragePoints(definition);
  const whole = (name: string) => (points.some(({ step }) => step === name) && !own.includes(name) ? [name] : []);
  const lines = new Map(stepsOf(definition).map((step) => [step.id, lineOf(paths.get(step) ?? [])]));
  return [...whole('on'), ...own, ...whole('run')].map((step) => {
    const branches = points
      .filter((point) => point.step === step)
      .map(({ what, path, isCovered }) => ({ what, line: lineOf(path), isCovered: isCovered(seen) }));
    return {
      ...{ step, branches, line: lines.get(step) ?? branches[0]?.line ?? 1 },
      tests: lines.has(step) ? (tests.get(step) ?? 0) : null,
    };
  });
}

function testsOfSteps({ name }: Definition, results: readonly TestedRun[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { simulation } of results) {
    const begun = simulation?.trace.filter(({ definition, status }) => definition === name && status !== 'skipped');
    for (const step of new Set(begun?.map((entry) => entry.step))) counts.set(step, (counts.get(step) ?? 0) + 1);
  }
  return counts;
}

/** Leaves out child runs: their definitions have their own tests. */
function seenRuns({ name }: Definition, results: readonly TestedRun[]): SeenRuns {
  const simulations = results.flatMap(({ simulation }) => simulation ?? []);
  const entries = new Map<string, TraceEntry[]>();
  for (const entry of simulations.flatMap(({ trace }) => trace)) {
    if (entry.definition !== name) continue;
    const ofStep = entries.get(entry.step);
    if (ofStep === undefined) entries.set(entry.step, [entry]);
    else ofStep.push(entry);
  }
  const undone = simulations.flatMap((simulation) => simulation.undone);
  return {
    trigger: new Set(results.flatMap(({ trigger }) => (trigger.asked ? [trigger.triggered] : []))),
    entriesOf: (stepId) => entries.get(stepId) ?? [],
    undone: new Set(undone.filter(({ definition }) => definition === name).map(({ step }) => step)),
  };
}

function lineFinder(text: string): (path: Path) => number {
  const root = parseTree(text);
  return (path) => {
    const node = root === undefined ? undefined : findNodeAtLocation(root, [...path]);
    return text.slice(0, node?.offset ?? 0).split('\n').length;
  };
}

/** A branch of a definition that some test should cover. */
interface CoveragePoint {
  /** The step's id; `on` for the trigger. */
  step: string;
  /** `if false`, `case 2`, `no items`, `timed out`, `undo`. */
  what: string;
  /** Keys and indices of where it is written. */
  path: Path;
  isCovered: (seen: SeenRuns) => boolean;
}

/** All branches of a definition, in the order in which its steps are written. */
function coveragePoints(definition: Definition): CoveragePoint[] {
  const paths = pathsOfObjects(definition, []);
  const ofSteps = listsWithin(definition).flatMap(({ steps, withinMs }) => pointsOfSteps(steps, withinMs, paths));
  const own = definitionPoints(definition).map(({ what, at, isCovered }): CoveragePoint => {
    return { step: 'run', what, path: at, isCovered };
  });
  return [...triggerPoints(definition), ...ofSteps, ...own];
}

/** The definition's lists, and the deadline of each. */
function listsWithin(definition: Definition): { steps: Step[]; withinMs: number }[] {
  const { deadline } = definition;
  return listsOf(definition).map(({ label, steps }) => {
    return { steps, withinMs: label === 'steps' && deadline !== undefined ? parseDuration(deadline) : Infinity };
  });
}

/** A wait does not reach its own limit if a deadline around it ends it before. */
function pointsOfSteps(steps: Step[], withinMs: number, paths: ReturnType<typeof pathsOfObjects>): CoveragePoint[] {
  return steps.flatMap((step) => {
    const path = paths.get(step) ?? [];
    const isCut = ('waitFor' in step || 'approve' in step) && parseDuration(step.timeout) >= withinMs;
    const own = stepPoints(step).filter(({ what }) => !(isCut && what === timedOutPoint));
    const group = ('do' in step || 'parallel' in step) && 'deadline' in step ? parseDuration(step.deadline) : Infinity;
    return [
      ...own.map(({ what, at, isCovered }) => ({ step: step.id, what, path: [...path, ...at], isCovered })),
      ...branchesOf(step).flatMap(({ label, steps: inner }) =>
        pointsOfSteps(inner, label === 'onTimeout' ? withinMs : Math.min(withinMs, group), paths),
      ),
    ];
  });
}

function triggerPoints({ on }: Definition): CoveragePoint[] {
  if (guardOfTrigger(on) === undefined) return [];
  return [true, false].map((value) => {
    const isCovered = ({ trigger }: SeenRuns) => trigger.has(value);
    return { step: 'on', what: `if ${value}`, path: ['on', 'if'], isCovered };
  });
}

/** Where each object of the definition is written, by identity. */
function pathsOfObjects(value: unknown, path: Path, paths = new Map<unknown, Path>()): Map<unknown, Path> {
  if (typeof value !== 'object' || value === null) return paths;
  paths.set(value, path);
  for (const [key, member] of Object.entries(value)) {
    pathsOfObjects(member, [...path, Array.isArray(value) ? Number(key) : key], paths);
  }
  return paths;
}
