import { findNodeAtLocation, parseTree } from 'jsonc-parser';
import type { Path } from '../../language/check/report.ts';
import type { Definition } from '../../language/definition.ts';
import type { TraceEntry } from '../simulation.ts';
import { coveragePoints, type SeenRuns } from './coverage-points.ts';
import type { TestResult } from './run-test.ts';

/** How much of a definition its tests go through. */
export interface Coverage {
  covered: number;
  total: number;
  missing: MissingPoint[];
}

/** A way in which a definition can go, and no test does. */
export interface MissingPoint {
  /** The step's id; `on` for the trigger. */
  step: string;
  what: string;
  /** In the definition's text, from 1. */
  line: number;
}

/**
 * Branch coverage of a definition whose text is given. Every condition has to come out both ways, every branch, case and `catch`
 * to be taken, every wait to be in vain once, every loop to find nothing once, and every `undo` to be needed once.
 */
export function measureCoverage(
  { definition, text }: { definition: Definition; text: string },
  results: readonly TestResult[],
): Coverage {
  const points = coveragePoints(definition);
  const seen = seenRuns(definition, results);
  const lineOf = lineFinder(text);
  const missing = points
    .filter((point) => !point.isCovered(seen))
    .map(({ step, what, path }) => ({ step, what, line: lineOf(path) }));
  return { covered: points.length - missing.length, total: points.length, missing };
}

/** Other definitions that were run by the way have tests of their own. */
function seenRuns({ name }: Definition, results: readonly TestResult[]): SeenRuns {
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
