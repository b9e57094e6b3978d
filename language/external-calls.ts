import type { Definition } from './definition.ts';
import type { ExternalCall } from './external-activity.ts';
import { stepsOf } from './plan.ts';
import { undoOf } from './verbs.ts';

/** Those of the activities of other languages that a run of one of the definitions may call: the value of `RunInput.external`. */
export function externalCallsOf(
  definitions: readonly Definition[],
  external: Readonly<Record<string, ExternalCall>>,
): Record<string, ExternalCall> {
  if (Object.keys(external).length === 0) return {};
  const names = definitions.flatMap((definition) =>
    stepsOf(definition).flatMap((step) => [callOf(step), callOf(undoOf(step))]),
  );
  const called = Object.keys(external).filter((name) => names.includes(name));
  return Object.fromEntries(called.flatMap((name) => (external[name] === undefined ? [] : [[name, external[name]]])));
}

function callOf(action: object | undefined): string | undefined {
  return action !== undefined && 'call' in action ? String(action.call) : undefined;
}
