import type { Definition } from '../../language/definition.ts';
import { completeEvent } from '../complete-event.ts';
import { explainTrigger, type ExplainedTrigger } from '../explain-trigger.ts';
import { simulate, type SimulationOptions } from '../simulate.ts';
import type { Simulation } from '../simulation.ts';
import { compareSimulation, type Difference } from './compare-simulation.ts';
import type { DefinitionTest } from './definition-test.ts';

export interface TestResult {
  test: DefinitionTest;
  /** Empty where the test passes. */
  differences: Difference[];
  trigger: ExplainedTrigger;
  /** Null where the event starts no run. */
  simulation: Simulation | null;
}

/** Runs one test of a definition. Rejects only where the interpreter itself is at fault. */
export async function runTest(
  test: DefinitionTest,
  surroundings: { definition: Definition } & Pick<SimulationOptions, 'children' | 'activities' | 'finalErrors'>,
): Promise<TestResult> {
  const { definition } = surroundings;
  const { event } = completeEvent(test.event ?? {}, definition);
  const trigger = explainTrigger(definition, event);
  const triggered = trigger.triggered || definition.on === 'run';
  if (triggered !== (test.expect.triggered ?? true)) {
    return { test, differences: [{ kind: 'trigger', triggered, because: trigger.because }], trigger, simulation: null };
  }
  if (!triggered) return { test, differences: [], trigger, simulation: null };
  const { vars = {}, mocks = {}, events: script = [] } = test;
  const simulation = await simulate({ ...surroundings, event, vars, mocks, script });
  return { test, differences: compareSimulation(test.expect, simulation), trigger, simulation };
}
