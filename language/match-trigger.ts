import type { Definition } from './definition.ts';
import type { CanonicalEvent } from './event.ts';
import { evaluateLogic } from './expression.ts';
import type { Json, JsonObject } from './json.ts';
import { isTruthy } from './operators/operator.ts';
import { guardOfTrigger, isEventTrigger, isManual, isOwnTrigger, ownSource, triggerTypes } from './triggers.ts';
import { formatValueFaults, valueFaults } from './values/check-value.ts';

/** Whether an event starts a run of a definition, and which part of the trigger decided it. */
export interface TriggerVerdict {
  triggered: boolean;
  /**
   * `run`: only another definition starts it. `type`: also if everything matches and there is no condition. `definition`: the event is for
   * another one.
   */
  by: 'run' | 'type' | 'source' | 'definition' | 'if';
  /**
   * Why the condition could not be evaluated. Unlike the `where` of a run that goes on waiting, nothing else would show it: an event
   * that looks as if it did not match may be a paid order for which nothing runs. So it fails the event, where operators see it.
   */
  error?: string;
}

export function matchTrigger(
  { name, on }: Pick<Definition, 'name' | 'on'>,
  event: CanonicalEvent,
  settings: JsonObject = {},
): TriggerVerdict {
  if (on === 'run') return { triggered: false, by: 'run' };
  const types = triggerTypes(on);
  const isOwn = event.source === ownSource;
  if (isOwn !== isOwnTrigger(on)) return { triggered: false, by: 'type' };
  if (!types.includes(event.type) && (isOwn || !types.includes(event.nativeType))) {
    return { triggered: false, by: 'type' };
  }
  if (isOwn && event.entity !== name) return { triggered: false, by: 'definition' };
  if (isEventTrigger(on) && on.source !== undefined && ![on.source].flat().includes(event.source)) {
    return { triggered: false, by: 'source' };
  }
  // Its schema may have changed since the input was accepted.
  const faults = isManual(on) ? valueFaults(on.manual, event.data) : [];
  if (faults.length > 0) {
    return { triggered: false, by: 'type', error: `the input does not fit: ${formatValueFaults(faults)}` };
  }
  const guard = guardOfTrigger(on);
  if (guard === undefined) return { triggered: true, by: 'type' };
  try {
    const scope = { event: event as unknown as Json, settings }; // An envelope is JSON by construction.
    return { triggered: isTruthy(evaluateLogic(guard, scope)), by: 'if' };
  } catch (error) {
    return { triggered: false, by: 'if', error: error instanceof Error ? error.message : String(error) };
  }
}
