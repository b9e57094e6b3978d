import type { RunInput } from '../language/definition.ts';
import type { CanonicalEvent } from '../language/event.ts';
import { matchTrigger } from '../language/match-trigger.ts';
import type { LoadedDefinition } from './load-definitions.ts';
import { workflowIdOf, type StartRun } from './start-run.ts';

/** A run that exists in Temporal now. */
export interface StartedRun {
  workflowId: string;
  definition: string;
  definitionHash: string;
}

/** What became of one event. `outage`: Temporal did not answer; nothing is wrong with the event. */
export type DispatchOutcome =
  | { kind: 'done'; runs: StartedRun[]; duplicates: number }
  | { kind: 'refused'; runs: StartedRun[]; reason: string }
  | { kind: 'outage'; reason: string };

/** Starts one run for each definition whose trigger matches. Safe to repeat: a run that exists is not started again. */
export async function dispatchEvent(
  event: CanonicalEvent,
  deps: { definitions: LoadedDefinition[]; startRun: StartRun; localActivities: string[] },
): Promise<DispatchOutcome> {
  const runs: StartedRun[] = [];
  const reasons: string[] = [];
  let duplicates = 0;
  for (const { definition, hash, children } of deps.definitions) {
    const { triggered, error } = matchTrigger(definition, event);
    if (error !== undefined) reasons.push(`${definition.name}: ${error}`);
    if (!triggered) continue;
    const input: RunInput = {
      definition,
      definitionHash: hash,
      event,
      localActivities: deps.localActivities,
      ...(Object.keys(children).length === 0 ? {} : { children }),
    };
    const outcome = await deps.startRun(input);
    if (outcome.kind === 'unavailable') return { kind: 'outage', reason: outcome.reason };
    if (outcome.kind === 'refused') {
      reasons.push(`${definition.name}: ${outcome.reason}`);
      continue;
    }
    if (outcome.kind === 'duplicate') duplicates++;
    runs.push({ workflowId: workflowIdOf(definition.name, event), definition: definition.name, definitionHash: hash });
  }
  return reasons.length > 0
    ? { kind: 'refused', runs, reason: reasons.join('; ') }
    : { kind: 'done', runs, duplicates };
}

/** Whether any definition is for events of this type: all others need no dispatching. Asked for every webhook. */
export function createTypeFilter(definitions: LoadedDefinition[]): (event: CanonicalEvent) => boolean {
  const wanted = new Set(definitions.flatMap(({ definition: { on } }) => (on === 'run' ? [] : [on.event].flat())));
  return ({ type, nativeType }) => wanted.has(type) || wanted.has(nativeType);
}
