import type { RunInput, StepDefaults } from '../../language/definition.ts';
import type { ExternalCall } from '../../language/external-activity.ts';
import { externalCallsOf } from '../../language/external-calls.ts';
import type { NewDefinition } from '../../language/migration.ts';
import type { Rescue } from '../../language/rescue.ts';
import { isRunOf } from '../former-names.ts';
import type { LoadedDefinition } from '../load-definitions.ts';

/** What is served now. */
export interface ServedNow {
  definitions: LoadedDefinition[];
  localActivities: string[];
  activityLimits: Record<string, StepDefaults>;
  external: Readonly<Record<string, ExternalCall>>;
}

/** A run's input with the definition as it is served now, or why there is none. Whether the run can go on with it, the run says. */
export function withCurrentDefinition(
  input: RunInput,
  rescue: Rescue,
  served: ServedNow,
): RunInput | { problem: string } {
  const next = currentDefinition(input, served);
  if (next === 'same') return input;
  if ('problem' in next) return next;
  const changed = Object.entries(input.children ?? {}).find(
    ([child, { definitionHash }]) => next.children?.[child]?.definitionHash !== definitionHash,
  );
  if (rescue.children !== undefined && changed !== undefined) {
    return { problem: `child runs go on, too, and their definition ${changed[0]} was changed` };
  }
  const { event, first } = input;
  return { ...next, event, ...(first !== undefined && { first }) };
}

/** The definition of a run as it is served now, with all that belongs to it. `same`: the run has it already. */
export function currentDefinition(input: RunInput, served: ServedNow): NewDefinition | 'same' | { problem: string } {
  const { name } = input.definition;
  const loaded = served.definitions.find((each) => isRunOf(each, { definition: name }));
  if (loaded === undefined) return { problem: `${name} is not served any more` };
  if (loaded.hash === input.definitionHash) return 'same';
  if (input.reduced !== undefined) {
    return { problem: 'its event is large, and only what the old version reads of it was kept' };
  }
  const { definition, hash, children, settings } = loaded;
  const { localActivities, activityLimits } = served;
  const all = [definition, ...Object.values(children).map((child) => child.definition)];
  const external = externalCallsOf(all, served.external);
  return {
    ...{ definition, definitionHash: hash, localActivities },
    ...(Object.keys(activityLimits).length > 0 && { activityLimits }),
    ...(Object.keys(external).length > 0 && { external }),
    ...(Object.keys(children).length > 0 && { children }),
    ...(settings !== undefined && { settings }),
  };
}
