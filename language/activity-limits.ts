import type { StepDefaults, UndoAction } from './definition.ts';

/** The limits of activities by name: the value of `RunInput.activityLimits`. */
export function limitsOf(
  activities: Readonly<Record<string, { limits?: StepDefaults }>>,
): Record<string, StepDefaults> {
  return Object.fromEntries(
    Object.entries(activities).flatMap(([name, { limits }]) => (limits ? [[name, limits]] : [])),
  );
}

/** A step's own limits, completed by those of the activity that it calls. They come before the definition's defaults. */
export function withActivityLimits(
  action: UndoAction,
  activityLimits: Readonly<Record<string, StepDefaults>> = {},
): StepDefaults {
  if ('emit' in action) return {};
  if (!('call' in action) || !Object.hasOwn(activityLimits, action.call)) return action;
  const { retry, ...limits } = activityLimits[action.call] ?? {};
  return { ...limits, ...action, ...((retry ?? action.retry) && { retry: { ...retry, ...action.retry } }) };
}
