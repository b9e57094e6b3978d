import type { Definition } from '../../language/definition.ts';
import { simulate, type SimulationOptions } from '../../simulator/simulate.ts';
import type { Simulation } from '../../simulator/simulation.ts';
import { sampleEvent } from '../server/sample-event.ts';

/** Simulates a definition of which only the steps matter. */
export function runDefinition(
  definition: Omit<Definition, 'name' | 'on'> & Partial<Definition>,
  options: Partial<Omit<SimulationOptions, 'definition'>> = {},
): Promise<Simulation> {
  return simulate({
    event: sampleEvent(),
    ...options,
    definition: { name: 'demo', on: { event: 'payment.succeeded' }, ...definition },
  });
}

/** `order done +1m`: each step of the trace, its status, and when it ended. */
export function linesOf({ trace }: Simulation): string[] {
  return trace.map(({ path, status, endedAt }) => `${path} ${status} ${endedAt ?? '…'}`);
}
