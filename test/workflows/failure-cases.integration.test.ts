import { type WorkflowFailedError } from '@temporalio/client';
import { afterAll, beforeAll, expect, inject, it, vi } from 'vitest';
import { z } from 'zod';
import { createCatalogue } from '../../activities/catalogue.ts';
import { failureTypes, runFailureTypes } from '../../activities/failure-types.ts';
import { installationOf } from '../../cli/open-definition.ts';
import type { ScriptEntry } from '../../simulator/script.ts';
import type { CanonicalEvent } from '../../language/event.ts';
import type { Undone } from '../../workflows/effects.ts';
import type { StepProgress } from '../../workflows/progress.ts';
import { sampleEvent } from '../server/sample-event.ts';
import { runDefinition } from '../simulator/run-definition.ts';
import { startFailingActivities, type FailingActivities } from './failing-activities.ts';
import { failingDefinition, failureCases, failureChildren, simulatedCases, type FailureCase } from './failure-cases.ts';
import { startTemporalHost, type HostedRun, type TemporalHost } from './temporal-host.ts';

/* Each failure on Temporal's server with Kait's own activities, and in the simulator: both see the same. */

let real: FailingActivities;
let host: TemporalHost;
beforeAll(async () => {
  real = await startFailingActivities();
  host = await startTemporalHost(inject('temporal'), { real: real.activities, cachedRuns: 100 });
});
afterAll(async () => {
  await host.stop();
  await real.stop();
});

const types = { ...failureTypes, ...runFailureTypes };
const byType = new Map<string, { kind: string; effect: string }>(Object.entries(types));
const ids = ['twice', 'once', 'last'];
const event: Partial<CanonicalEvent> = { data: { many: Array.from({ length: 100_001 }, () => 0) } };
const patience = { timeout: 60_000, interval: 100 };
const local = [...createCatalogue().localNames, 'test.hangLocally'];

/** What a run sees of the failure of its steps. */
interface Seen {
  type: string;
  /** Whether the `catch` that names the type took the failure of the first two steps. */
  caught: boolean[];
  /** Attempts of each step. */
  attempts: number[];
  /** The steps that were undone, in that order. */
  undone: string[];
  /** The steps that are in doubt and were not undone. */
  left: string[];
}

function expectedOf({ type, attempts, undone }: FailureCase): Seen {
  const undoes = { 'by default': ['last', 'once', 'twice'], 'with maybe': ['last'], never: [] };
  const least = Math.min(attempts, 1);
  return {
    type,
    caught: [true, true],
    attempts: [attempts, least, least],
    undone: undoes[undone],
    left: undone === 'with maybe' ? ['twice', 'once'] : [],
  };
}

const outside = {
  'rejects it': (run: HostedRun, step: string) =>
    run.handle.executeUpdate('decide', { args: [{ step, approved: false, by: 'ana' }] }),
  'cancels its run': async (run: HostedRun, step: string) => (await waitingChildOf(run, step)).cancel(),
  'terminates its run': async (run: HostedRun, step: string) => (await waitingChildOf(run, step)).terminate(),
};

/** The run that the step has started, once it has done all but its long wait. */
async function waitingChildOf(run: HostedRun, step: string) {
  const child = childOf(run, step);
  const steps = await child.query<StepProgress[]>('progress');
  expect(steps.find(({ id }) => id === 'long')?.status).toBe('running');
  return child;
}

function childOf({ handle }: HostedRun, step: string) {
  return host.client.workflow.getHandle(`${handle.workflowId}/${step}`);
}

async function seenOnServer(each: FailureCase): Promise<Seen> {
  const run = await host.start(failingDefinition(each, real.origin), { event, local, children: failureChildren });
  for (const id of each.outside === undefined ? [] : ids) {
    await untilRunning(run, id);
    await vi.waitFor(() => outside[each.outside!](run, id), patience);
  }
  const error = await run.handle.result().catch((reason: unknown) => reason);
  const failure = (error as WorkflowFailedError).cause as unknown as {
    type: string;
    details: [{ undone: Record<string, Undone> }];
  };
  const progress = await run.progress();
  const keys = run.calls.map(({ key }) => key);
  return {
    type: failure.type,
    caught: ['twice', 'once'].map((id) => progress[`caught-${id}`]?.status === 'done'),
    attempts: ids.map((id) => keys.filter((key) => key === id).length),
    undone: keysWith('done', failure.details[0].undone),
    left: keysWith('left', failure.details[0].undone),
  };
}

/** Concurrent tests cannot poll by `expect`. */
async function untilRunning(run: HostedRun, id: string): Promise<void> {
  await vi.waitFor(async () => expect((await run.progress())[id]?.status).toBe('running'), patience);
}

function keysWith(outcome: Undone['outcome'], undone: Record<string, Undone>): string[] {
  return Object.keys(undone).filter((key) => undone[key]?.outcome === outcome);
}

async function seenInSimulator(each: FailureCase): Promise<Seen> {
  const { mock } = each;
  const { trace, undone, error } = await runDefinition(failingDefinition(each, 'http://127.0.0.1'), {
    ...installationOf(createCatalogue()),
    activities: {
      ...createCatalogue().all,
      'test.hangLocally': { input: z.object(), output: z.object(), where: 'local' },
    },
    event: { ...sampleEvent(), ...event },
    children: Object.fromEntries(
      Object.entries(failureChildren).map(([name, child]) => [name, { name, on: 'run', ...child }]),
    ),
    mocks: mock === undefined ? {} : Object.fromEntries(ids.map((id) => [id, mock])),
    script: each.outside === 'rejects it' ? ids.map(rejection) : [],
  });
  const entryOf = (path: string) => trace.find((entry) => entry.path === path);
  return {
    type: error?.type ?? '',
    caught: ['twice', 'once'].map((id) => entryOf(`caught-${id}`)?.status === 'done'),
    attempts: ids.map((id) => entryOf(id)?.attempts.length ?? 0),
    undone: undone.map(({ path }) => path).filter((path) => ids.includes(path)), // Not what a child has undone itself.
    left: trace.filter(({ left }) => left?.inDoubt === true).map(({ path }) => path),
  };
}

function rejection(step: string, position: number): ScriptEntry {
  return { at: `+${position + 1}s`, decide: { step, approved: false, by: 'ana' } };
}

it.concurrent.each(failureCases)('$type ($how) is the same on the server and in the simulator', async (each) => {
  expect(await seenInSimulator(each)).toEqual(expectedOf(each));
  expect(await seenOnServer(each)).toEqual(expectedOf(each));
});

it.each(simulatedCases)('$type ($how) is as expected in the simulator', async (each) => {
  expect(await seenInSimulator(each)).toEqual(expectedOf(each));
});

it('has a case for each failure type', () => {
  const covered = new Set<string>([...failureCases, ...simulatedCases].map(({ type }) => type));
  expect(Object.keys(types).filter((type) => !covered.has(type))).toEqual([]);
});

it('finds retries and doubt as the table of types says, but for what an answer or a limit tells', () => {
  const differing = failureCases.filter(({ type, attempts, undone }) => {
    const { kind, effect } = byType.get(type) ?? { kind: 'permanent', effect: 'none' };
    return (attempts === 2) !== (kind === 'transient') || (undone === 'never') !== (effect === 'none');
  });
  expect(differing.map(({ type, how }) => `${type}: ${how}`)).toEqual([
    'ResponseRefused: an answer that is no refusal',
    'ReceiverUnavailable: a refusal for the moment',
    'TimedOut: the deadline ends the first attempt',
    'TimedOut: the deadline ends the retries of a local activity',
    'TimedOut: a wait ends',
    'TimedOut: nobody answers',
    'ChildCanceled: somebody cancels the run, which undoes itself',
    'TimedOut: the deadline of a group',
    'InternalError: what the checker lets no definition have',
  ]);
});
