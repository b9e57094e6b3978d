import type { Decision } from './decide-event.ts';

/** What would be otherwise, as sentences without values, so that events with the same changes form a group. Empty: nothing would. */
export function compareDecisions(before: Decision, after: Decision): string[] {
  if (!before.triggered && !after.triggered) return [];
  if (!before.triggered) return [`a run would start, and ${endText(after)}`];
  if (!after.triggered) return ['no run would start'];
  const paths = [...new Set([...before.steps.keys(), ...after.steps.keys()])];
  const steps = paths.flatMap((path) => stepChange(path, before, after));
  if (before.outcome === after.outcome) return steps;
  return [...steps, `the run would be ${after.outcome ?? 'nothing'}, not ${before.outcome ?? 'nothing'}`];
}

function endText({ outcome }: Decision): string {
  return outcome === 'completed' ? 'complete' : `be ${outcome ?? 'nothing'}`;
}

function stepChange(path: string, before: Decision, after: Decision): string[] {
  const [was, is] = [before.steps.get(path), after.steps.get(path)];
  const acts = after.calls.has(path) || before.calls.has(path);
  if (was === undefined) return is === 'skipped' ? [] : [`${path} would run (${is})`];
  if (is === undefined) return was === 'skipped' ? [] : [`${path} would not run`];
  if (was !== is) return [`${path} would be ${is}, not ${was}`];
  if (acts && before.calls.get(path) !== after.calls.get(path)) return [`${path} would get another input`];
  return [];
}
