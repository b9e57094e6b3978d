import type { ActivityTypes } from '../../language/check.ts';
import { zodOfJsonSchema } from '../../language/check/zod-of-json-schema.ts';
import { isObject, type Json } from '../../language/json.ts';
import type { EventTypes } from '../../language/event-types.ts';
import { schemaProblems } from '../../language/values/value-schema.ts';
import type { SecretBindings } from '../../language/secret-bindings.ts';
import type { SetActivity } from '../../storage/schema.ts';
import type { MailNeeds } from '../check-mail-templates.ts';
import type { Presets } from '../gateway/presets.ts';

/** What runs need of a set of definitions, beside the definition that they carry. */
export interface Surroundings {
  activities: ActivityTypes;
  mailTemplates: MailNeeds | undefined;
  /** The types of outbound webhooks that are described. */
  eventTypes: EventTypes | undefined;
  secrets: SecretBindings | undefined;
  /** The gateways of the sources, by the sources' names. */
  sources: ReadonlyMap<string, { gateway: string }>;
  presets: Presets;
}

/**
 * The activities that steps can call once the project is as a set describes it. `here` are those of this process, and `own` describes the
 * project's among them.
 */
export function activitiesOfSet(
  described: readonly SetActivity[],
  here: ActivityTypes,
  own: readonly SetActivity[],
): ActivityTypes {
  const gone = new Set(own.map(({ name }) => name));
  for (const { name } of described) gone.delete(name);
  const kept = Object.entries(here).filter(([name]) => !gone.has(name));
  return Object.fromEntries(
    kept.map(([name, type]) => [
      name,
      { ...type, ...changedSchemas(described.find(same(name)), own.find(same(name))) },
    ]),
  );
}

const same = (name: string) => (each: SetActivity) => each.name === name;

/** Runs carry the schemas of activities in other languages, so a change of these does not concern them. */
function changedSchemas(
  latest: SetActivity | undefined,
  here: SetActivity | undefined,
): Partial<ActivityTypes[string]> {
  if (latest === undefined || here === undefined || latest.kind === 'external') return {};
  const schema = (side: 'input' | 'output') => {
    const isChanged = JSON.stringify(latest[side]) !== JSON.stringify(here[side]);
    const given = latest[side] as Json;
    const isUsable = isChanged && isObject(given) && schemaProblems(given).length === 0;
    return isUsable ? { [side]: zodOfJsonSchema(given) } : {};
  };
  return { ...schema('input'), ...schema('output') };
}
