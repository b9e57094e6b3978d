import { mappingsSchema } from '../gateway/mapping-schema.ts';
import type { CompiledPreset } from '../gateway/presets.ts';
import type { Surroundings } from './surroundings.ts';

/** What became of a source's preset. Runs that wait for its events, and webhooks that are sent again, depend on it. */
export interface PresetChange {
  /** Whether events get other ids. */
  ids: boolean;
  /** The canonical types that it told before and does not tell any more. */
  lostTypes: ReadonlySet<string>;
  /** Whether fields of events come from elsewhere. */
  fields: boolean;
}

const unchanged: PresetChange = { ids: false, lostTypes: new Set(), fields: false };

/** Compares the presets of a source that is there before and after. */
export function presetChange(source: string, before: Surroundings, after: Surroundings): PresetChange {
  const [old, latest] = [before, after].map(({ sources, presets }) => presets.get(sources.get(source)?.gateway ?? ''));
  if (old === undefined || latest === undefined) return unchanged;
  const lostTypes = typesOf(old);
  for (const type of typesOf(latest)) lostTypes.delete(type);
  return {
    ids: JSON.stringify(identityOf(old)) !== JSON.stringify(identityOf(latest)),
    lostTypes,
    fields: JSON.stringify(fieldsOf(old)) !== JSON.stringify(fieldsOf(latest)),
  };
}

/** Why webhooks that are sent again would not be recognized as duplicates. */
export function changedIds(before: Surroundings, after: Surroundings): string[] {
  return [...after.sources.keys()]
    .filter((source) => presetChange(source, before, after).ids)
    .map(
      (source) =>
        `Events of "${source}" get other ids, so webhooks that are sent again are taken for new ones, and start their runs once more.`,
    );
}

function typesOf({ declared: { types = [] } }: CompiledPreset): Set<string> {
  return new Set(types.flatMap(({ type }) => type ?? []));
}

/** An entry without an id of its own counts only if it may hold for events that another one after it gives an id. */
function identityOf({ declared: { event, types = [] } }: CompiledPreset): unknown {
  const last = types.findLastIndex(({ id }) => id !== undefined);
  return [event.id, event.items, types.slice(0, last + 1).map(({ match, id }) => [match, id])];
}

function fieldsOf({ declared }: CompiledPreset): unknown {
  const { event, amounts, body, redact } = declared;
  const mappings = Object.keys(mappingsSchema.shape) as (keyof typeof mappingsSchema.shape)[];
  return [event.entity, event.tenant, event.items, amounts, body, redact, mappings.map((name) => declared[name])];
}
