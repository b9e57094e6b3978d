import type { Definition } from './definition.ts';
import type { CanonicalEvent } from './event.ts';
import { evaluateLogic } from './expression.ts';
import type { Json, JsonObject } from './json.ts';
import { isTruthy } from './operators/operator.ts';

/** Whether an event starts a run of a definition, and which part of the trigger decided it. */
export interface TriggerVerdict {
  triggered: boolean;
  /** `run`: only another definition starts it. `type`: also if everything matches and there is no condition. */
  by: 'run' | 'type' | 'source' | 'if';
  /**
   * Why the condition could not be evaluated. Unlike the `where` of a run that goes on waiting, nothing else would show it: an event
   * that looks as if it did not match may be a paid order for which nothing runs. So it fails the event, where operators see it.
   */
  error?: string;
}

export function matchTrigger(
  { on }: Pick<Definition, 'on'>,
  event: CanonicalEvent,
  settings: JsonObject = {},
): TriggerVerdict {
  if (on === 'run') return { triggered: false, by: 'run' };
  const types = [on.event].flat();
  if (!types.includes(event.type) && !types.includes(event.nativeType)) return { triggered: false, by: 'type' };
  if (on.source !== undefined && ![on.source].flat().includes(event.source)) return { triggered: false, by: 'source' };
  if (on.if === undefined) return { triggered: true, by: 'type' };
  try {
    const scope = { event: event as unknown as Json, settings }; // An envelope is JSON by construction.
    return { triggered: isTruthy(evaluateLogic(on.if, scope)), by: 'if' };
  } catch (error) {
    return { triggered: false, by: 'if', error: error instanceof Error ? error.message : String(error) };
  }
}
