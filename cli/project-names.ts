import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'jsonc-parser';
import type { Catalogue } from '../activities/catalogue.ts';
import { readMailTemplates } from '../activities/mail/mail-templates.ts';
import { layersOf } from '../definition-layers.ts';
import { eventType } from '../language/check/texts.ts';
import { canonicalPaymentTypes } from '../language/event.ts';
import type { ProjectNames } from '../language/json-schema.ts';
import { isObject, type Json } from '../language/json.ts';
import { type CompiledPreset, type Presets, readPresets } from '../server/gateway/presets.ts';
import { readEventTypes } from '../server/read-event-types.ts';
import { readSettings } from '../server/read-settings.ts';

/**
 * What a project's editor offers. Of the presets, those count that the project mounts; if it mounts none, all. A file with a mistake gives no
 * names; `kait validate` says what is wrong with it.
 */
export async function projectNames(definitions: string, { callable }: Catalogue): Promise<ProjectNames> {
  const settings = readSettings(layersOf(definitions, 'settings.json'), {}, { isComplete: false });
  const [sources, { presets }, { eventTypes }, mails] = await Promise.all([
    mountedGateways(join(definitions, 'sources.json')),
    readPresets(layersOf(definitions, 'gateways')),
    readEventTypes(definitions),
    readMailTemplates(layersOf(definitions, 'mails')),
  ]);
  return {
    activities: callable,
    events: eventsOf(presets, [...new Set(sources.values())]),
    emitted: eventTypes,
    sources: [...sources.keys()],
    mails: [...mails.templates.keys()],
    settings: 'problem' in settings ? [] : Object.keys(settings.settings.types),
  };
}

/** The gateways of the sources in a file, by the sources' names. */
async function mountedGateways(file: string): Promise<Map<string, string>> {
  const content = existsSync(file) ? (parse(await readFile(file, 'utf8')) as Json | undefined) : undefined;
  const entries = isObject(content) ? Object.entries(content) : [];
  return new Map(
    entries.flatMap(([name, entry]) =>
      isObject(entry) && typeof entry.gateway === 'string' ? [[name, entry.gateway] as const] : [],
    ),
  );
}

/** Canonical types, and native ones of the gateways. */
function eventsOf(presets: Presets, mounted: readonly string[]): string[] {
  const counting = mounted.length === 0 ? [...presets.keys()] : mounted;
  const found = counting.flatMap((name) => presets.get(name) ?? []);
  const canonical = found.flatMap(({ declared }) => (declared.types ?? []).map(({ type }) => type ?? ''));
  const types = [...canonicalPaymentTypes, ...canonical, ...found.flatMap(nativeTypes)];
  return [...new Set(types)].filter((type) => eventType.safeParse(type).success);
}

/** `stripe:charge.updated`: what keeps its type, at least under some conditions. The preset says so in words. */
function nativeTypes({ name, declared }: CompiledPreset): string[] {
  const types = Object.entries(declared.mapping?.types ?? {});
  return types.filter(([, fate]) => !isAlways(fate)).map(([type]) => `${name}:${type}`);
}

/** Whether a native type always becomes a canonical one, or is rejected. */
function isAlways(fate: string): boolean {
  return /^rejected|^(?:payment|payout|subscription)\.[a-z_]+(?:, with .*)?$/.test(fate);
}
