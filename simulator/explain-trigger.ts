import type { Definition } from '../language/definition.ts';
import type { CanonicalEvent } from '../language/event.ts';
import type { Json } from '../language/json.ts';
import { matchTrigger } from '../language/match-trigger.ts';
import { explainCondition } from './explain-condition.ts';

/** Whether an event starts a run of a definition. */
export interface ExplainedTrigger {
  triggered: boolean;
  /** One line. */
  because: string;
  /** Whether `on.if` was asked; then it gave `triggered`. */
  asked: boolean;
}

/** As the dispatcher decides it. A condition that fails does not match; the reason says why. */
export function explainTrigger(definition: Pick<Definition, 'on'>, event: CanonicalEvent): ExplainedTrigger {
  const { triggered, by, error } = matchTrigger(definition, event);
  const asked = by === 'if' && error === undefined;
  return {
    triggered,
    because: error === undefined ? reasonOf(definition, event, by) : `its condition fails: ${error}`,
    asked,
  };
}

function reasonOf({ on }: Pick<Definition, 'on'>, event: CanonicalEvent, by: 'run' | 'type' | 'source' | 'if'): string {
  if (on === 'run') return 'only a run step of another definition starts it';
  const types = [on.event].flat();
  switch (by) {
    case 'source':
      return `the source ${event.source} is not ${[on.source ?? []].flat().join(' or ')}`;
    case 'if': {
      const scope = { event: event as unknown as Json }; // An envelope is JSON by construction.
      const { triggered } = matchTrigger({ on }, event);
      return `if is ${triggered}: ${explainCondition(on.if ?? true, { scope, nowMs: 0 })}`;
    }
    case 'run':
    case 'type':
      return types.includes(event.type) || types.includes(event.nativeType)
        ? `the type is ${event.type}`
        : `the type ${event.type} is not ${types.join(' or ')}`;
  }
}
