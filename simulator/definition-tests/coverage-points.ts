import { allSteps } from '../../language/plan.ts';
import type { Path } from '../../language/check/report.ts';
import type { Definition } from '../../language/definition.ts';
import type { TraceEntry } from '../simulation.ts';
import { stepPoints } from './step-points.ts';

/** One way in which a definition can go, and which some test should go. */
export interface CoveragePoint {
  /** The step's id; `on` for the trigger. */
  step: string;
  /** `if false`, `case 2`, `no items`, `timed out`, `undo`. */
  what: string;
  /** Keys and positions of where it is written. */
  path: Path;
  isCovered: (seen: SeenRuns) => boolean;
}

/** What all tests of a definition have seen. */
export interface SeenRuns {
  /** How the trigger's condition came out. */
  trigger: ReadonlySet<boolean>;
  /** Of the step, in every test and item. */
  entriesOf: (stepId: string) => readonly TraceEntry[];
  /** Ids of steps that were undone, or could not be. */
  undone: ReadonlySet<string>;
}

/** All ways in which a definition can go, in the order in which its steps are written. */
export function coveragePoints(definition: Definition): CoveragePoint[] {
  const paths = pathsOfObjects(definition, []);
  const ofSteps = allSteps(definition.steps).flatMap((step) => {
    const path = paths.get(step) ?? [];
    return stepPoints(step).map(({ what, at, isCovered }): CoveragePoint => {
      return { step: step.id, what, path: [...path, ...at], isCovered };
    });
  });
  return [...triggerPoints(definition), ...ofSteps];
}

function triggerPoints({ on }: Definition): CoveragePoint[] {
  if (on === 'run' || on.if === undefined) return [];
  return [true, false].map((value) => {
    const isCovered = ({ trigger }: SeenRuns) => trigger.has(value);
    return { step: 'on', what: `if ${value}`, path: ['on', 'if'], isCovered };
  });
}

/** By identity: where each object of the definition is written. */
function pathsOfObjects(value: unknown, path: Path, paths = new Map<unknown, Path>()): Map<unknown, Path> {
  if (typeof value !== 'object' || value === null) return paths;
  paths.set(value, path);
  for (const [key, member] of Object.entries(value)) {
    pathsOfObjects(member, [...path, Array.isArray(value) ? Number(key) : key], paths);
  }
  return paths;
}
