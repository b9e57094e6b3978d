import type { Definition } from '../language/definition.ts';
import type { CanonicalEvent } from '../language/event.ts';
import { evaluateLogic } from '../language/expression.ts';
import type { Json } from '../language/json.ts';
import { isTruthy } from '../language/operators/operator.ts';
import { explainCondition } from './explain-condition.ts';

/** Whether an event starts a run of a definition. */
export interface TriggerMatch {
  triggered: boolean;
  /** One line. */
  because: string;
  /** Whether `on.if` was asked; then it gave `triggered`. */
  asked: boolean;
}

/** As the dispatcher decides it. A condition that fails does not match; the reason says why. */
export function matchTrigger({ on }: Pick<Definition, 'on'>, event: CanonicalEvent): TriggerMatch {
  if (on === 'run') return refused('only a run step of another definition starts it');
  const types = [on.event].flat();
  if (!types.includes(event.type) && !types.includes(event.nativeType)) {
    return refused(`the type ${event.type} is not ${types.join(' or ')}`);
  }
  const sources = on.source === undefined ? undefined : [on.source].flat();
  if (sources?.includes(event.source) === false) {
    return refused(`the source ${event.source} is not ${sources.join(' or ')}`);
  }
  if (on.if === undefined) return { triggered: true, because: `the type is ${event.type}`, asked: false };
  const scope = { event: event as unknown as Json }; // An envelope is JSON by construction.
  try {
    const triggered = isTruthy(evaluateLogic(on.if, scope));
    const because = `if is ${triggered}: ${explainCondition(on.if, { scope, nowMs: 0 })}`;
    return { triggered, because, asked: true };
  } catch (error) {
    return refused(`its condition fails: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function refused(because: string): TriggerMatch {
  return { triggered: false, because, asked: false };
}
