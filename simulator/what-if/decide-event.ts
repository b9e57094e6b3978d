import type { Definition } from '../../language/definition.ts';
import type { CanonicalEvent } from '../../language/event.ts';
import { canonicalJson, type Json, type JsonObject } from '../../language/json.ts';
import { explainTrigger } from '../explain-trigger.ts';
import { withoutIndices } from '../mocks.ts';
import { simulate, type SimulationOptions } from '../simulate.ts';

/** A definition with those that its `run` steps start. */
export interface Candidate {
  definition: Definition;
  children: Readonly<Record<string, Definition>>;
}

export type WhatIfSurroundings = Pick<SimulationOptions, 'activities' | 'finalErrors' | 'harmlessErrors'> & {
  settings: JsonObject;
};

/** What a definition would do about an event, as far as a simulation tells. */
export interface Decision {
  triggered: boolean;
  /** Why the trigger matches or does not. */
  because: string;
  /** How the run would end: `completed`, `failed (TimedOut)`. Null: there is none. */
  outcome: string | null;
  /** The status of each step that would begin, by its path without loop indices. */
  steps: ReadonlyMap<string, string>;
  /** The inputs of the calls, requests and outbound webhooks of each step, as canonical JSON. */
  calls: ReadonlyMap<string, string>;
  /** Activities whose results are made up. */
  assumed: ReadonlySet<string>;
}

/** Enough for a loop over the items of an order. More would take long for each of thousands of events. */
const limits = { steps: 20_000, turns: 100_000 };

/** Simulates one run. Nothing leaves: activities have made-up results, nobody answers, and no other event comes. */
export async function decideEvent(
  { definition, children }: Candidate,
  event: CanonicalEvent,
  { settings, ...installation }: WhatIfSurroundings,
): Promise<Decision> {
  const { triggered, because } = explainTrigger(definition, event, settings);
  const nothing = { steps: new Map<string, string>(), calls: new Map<string, string>(), assumed: new Set<string>() };
  if (!triggered) return { triggered, because, outcome: null, ...nothing };
  const simulation = await simulate({ ...installation, definition, children, event, settings, limits });
  const { status, error, trace } = simulation;
  const steps = new Map<string, string>();
  const calls = new Map<string, string[]>();
  for (const entry of trace) {
    const path = withoutIndices(entry.path);
    const before = steps.get(path);
    steps.set(path, before === undefined || before === entry.status ? entry.status : 'several');
    if (entry.input !== undefined) calls.set(path, [...(calls.get(path) ?? []), inputText(entry.what, entry.input)]);
  }
  const assumed = trace.flatMap(({ madeUp, what }) => (madeUp === true && what !== null ? [what] : []));
  return {
    ...{ triggered, because, steps },
    outcome: error === null ? status : `${status} (${error.type})`,
    calls: new Map([...calls].map(([path, inputs]) => [path, inputs.join('\n')])),
    assumed: new Set(assumed),
  };
}

function inputText(what: string | null, input: Json): string {
  return `${what ?? ''} ${canonicalJson(input)}`;
}
