import type { WorkflowFailedError } from '@temporalio/client';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { allSteps } from '../../language/plan.ts';
import type { Definition } from '../../language/definition.ts';
import type { Json } from '../../language/json.ts';
import { simulate } from '../../simulator/simulate.ts';
import { sampleEvent } from '../server/sample-event.ts';
import { startTemporalHost, type Answer, type HostedRun, type TemporalHost } from '../workflows/temporal-host.ts';
import { arbitraryDefinition, type GeneratedDefinition } from './arbitrary-definition.ts';
import { mocksOf } from './mocks-of.ts';

let host: TemporalHost;
beforeAll(async () => {
  host = await startTemporalHost(inject('temporal'));
});
afterAll(() => host.stop());

/** What two hosts have to agree on. */
interface Trace {
  end: { output: Json } | { type: string | undefined; message: string | undefined };
  /** By id, of steps outside of loops that began. */
  status: Record<string, string>;
  /** What each activity was given, by its key. */
  inputs: Record<string, Json>;
}

async function traceInTemporal(run: HostedRun, ids: string[]): Promise<Trace> {
  const end = await endInTemporal(run);
  const progress = await run.progress();
  return {
    end,
    status: Object.fromEntries(ids.map((id) => [id, progress[id]?.status ?? 'unknown'])),
    inputs: Object.fromEntries(run.calls.map(({ key, input }) => [key, input])),
  };
}

async function endInTemporal({ handle }: HostedRun): Promise<Trace['end']> {
  try {
    return { output: (await handle.result()) as Json };
  } catch (error) {
    const { type, message } = (error as WorkflowFailedError).cause as { type?: string; message?: string };
    return { type, message };
  }
}

async function traceInSimulator({ definition, answers }: GeneratedDefinition, eventId: string): Promise<Trace> {
  const event = sampleEvent({ id: eventId });
  const { status, output, error, trace, undone } = await simulate({ definition, event, mocks: mocksOf(answers) });
  const looped = idsInLoops(definition);
  const called = trace.filter(({ attempts }) => attempts.length > 0);
  return {
    end: status === 'completed' ? { output } : { type: error?.type, message: error?.message },
    status: Object.fromEntries(trace.filter(({ step }) => !looped.has(step)).map((each) => [each.step, each.status])),
    inputs: Object.fromEntries([
      ...called.map(({ path, input = null }) => [path, input] as const),
      ...undone.map(({ path, input }) => [`${path}/undo`, input] as const),
    ]),
  };
}

function idsInLoops({ steps }: Definition): Set<string> {
  const loops = allSteps(steps).filter((step) => 'forEach' in step || 'while' in step);
  return new Set(loops.flatMap((loop) => allSteps([loop]).slice(1)).map(({ id }) => id));
}

function answersOf({ answers }: GeneratedDefinition): Record<string, Answer[]> {
  const declined: Answer = { error: { type: 'CardDeclined', message: 'no money' } };
  return Object.fromEntries(
    Object.entries(answers).map(([id, answer]) => [id, [answer === 'declined' ? declined : answer]]),
  );
}

it.each(fc.sample(arbitraryDefinition, { numRuns: 30, seed: 2026 }).map((each, position) => [position, each] as const))(
  'generated definition %d runs on Temporal to the same trace as in the simulator',
  async (_position, generated) => {
    const answers = answersOf(generated);
    const run = await host.start(generated.definition, { answers, local: ['orders.create'] });
    const expected = await traceInSimulator(generated, run.eventId);
    expect(await traceInTemporal(run, Object.keys(expected.status))).toEqual(expected);
  },
);
