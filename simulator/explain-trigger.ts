import type { Definition } from '../language/definition.ts';
import type { CanonicalEvent } from '../language/event.ts';
import type { Json, JsonObject } from '../language/json.ts';
import { matchTrigger, type TriggerVerdict } from '../language/match-trigger.ts';
import { guardOfTrigger, isEventTrigger, isManual, ownSource, triggerTypes } from '../language/triggers.ts';
import { explainCondition } from '../language/explain-condition.ts';

/** Whether an event starts a run of a definition. */
export interface ExplainedTrigger {
  triggered: boolean;
  /** One line. */
  because: string;
  /** Whether `on.if` was evaluated; if so, it decided. */
  asked: boolean;
}

/** Decides as the dispatcher does. A condition that fails does not match, and the reason tells why. */
export function explainTrigger(
  definition: Pick<Definition, 'name' | 'on'>,
  event: CanonicalEvent,
  settings: JsonObject = {},
): ExplainedTrigger {
  const verdict = matchTrigger(definition, event, settings);
  const { triggered, by, error } = verdict;
  return {
    triggered,
    because: reasonOf(definition, event, settings, verdict),
    asked: by === 'if' && error === undefined,
  };
}

function reasonOf(
  { on }: Pick<Definition, 'on'>,
  event: CanonicalEvent,
  settings: JsonObject,
  { triggered, by, error }: TriggerVerdict,
): string {
  if (on === 'run' || by === 'run') return 'only a run step of another definition starts it';
  if (error !== undefined) return isManual(on) ? error : `its condition fails: ${error}`;
  switch (by) {
    case 'type':
      return triggered ? `the type is ${event.type}` : `the type ${event.type} is not ${triggerTypes(on).join(' or ')}`;
    case 'source':
      return `the source ${event.source} is not ${[isEventTrigger(on) ? (on.source ?? []) : ownSource].flat().join(' or ')}`;
    case 'definition':
      return `it is for ${event.entity ?? 'another definition'}`;
    case 'if': {
      const scope = { event: event as unknown as Json, settings }; // An envelope is JSON by construction.
      return `if is ${triggered}: ${explainCondition(guardOfTrigger(on) ?? true, { scope, nowMs: 0 })}`;
    }
  }
}
